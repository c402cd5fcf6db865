import type { Progress } from '../progress.js';
import { count, duration, eventTime, megabytes } from './format.js';
import type { LiveView } from './live-view.js';

const controlSequence = '\u001b[';
const barWidth = 40;
/** What a terminal that does not tell its width is taken to have. */
const usualColumns = 80;

/** A block of lines that is drawn again in place. */
export function terminalView(output: NodeJS.WriteStream): LiveView {
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) output.write(`${controlSequence}${drawn}A${controlSequence}0J`);
    drawn = 0;
  };
  return {
    update(progress) {
      erase();
      const lines = block(progress).map((line) => line.slice(0, (output.columns || usualColumns) - 1));
      output.write(`${lines.join('\n')}\n`);
      drawn = lines.length;
    },
    note(text) {
      erase();
      output.write(`${text}\n`);
    },
    close() {
      drawn = 0;
    },
  };
}

function block(progress: Progress): readonly string[] {
  const share = progress.totalRows === 0 ? 0 : progress.rows / progress.totalRows;
  const filled = Math.min(barWidth, Math.round(share * barWidth));
  return [
    `  ${'━'.repeat(filled)}${'─'.repeat(barWidth - filled)}  ${Math.floor(share * 100)} %  ${duration(progress.elapsedMs)}`,
    `  flights      ${count(progress.rows)} of ${count(progress.totalRows)}   ${count(progress.rowsPerSecond)} rows/s`,
    `  event time   ${eventTime(progress.eventTimeMs)}   watermark lag ${duration(progress.watermarkLagMs)}`,
    `  windows      ${count(progress.windows)}   late flights ${count(progress.lateRows)}   alerts ${count(progress.alerts)}`,
    `  checkpoint   ${progress.epoch}   memory ${megabytes(progress.memoryBytes)}`,
  ];
}
