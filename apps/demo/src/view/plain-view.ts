import type { Progress } from '../progress.js';
import { count, duration, eventTime } from './format.js';
import type { LiveView } from './live-view.js';

const lineEveryMs = 1000;

/** One line a second, for pipes and logs. The first row is announced at once. */
export function plainView(output: NodeJS.WritableStream): LiveView {
  let lastLineMs = Number.NEGATIVE_INFINITY;
  return {
    update(progress) {
      if (progress.rows === 0 || progress.elapsedMs - lastLineMs < lineEveryMs) return;
      lastLineMs = progress.elapsedMs;
      output.write(`${line(progress)}\n`);
    },
    note: (text) => void output.write(`${text}\n`),
    close: () => undefined,
  };
}

function line(progress: Progress): string {
  return [
    `${count(progress.rows)} flights`,
    `${count(progress.rowsPerSecond)} rows/s`,
    `event time ${eventTime(progress.eventTimeMs)}`,
    `watermark lag ${duration(progress.watermarkLagMs)}`,
    `${count(progress.windows)} windows`,
    `${count(progress.alerts)} alerts`,
    `checkpoint ${progress.epoch}`,
  ].join(' · ');
}
