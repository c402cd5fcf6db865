import type { Progress } from '../progress.js';
import { plainView } from './plain-view.js';
import { terminalView } from './terminal-view.js';

/** Where progress is shown while the job runs. */
export interface LiveView {
  /** Called a few times a second. */
  update(progress: Progress): void;
  /** A line that stays. */
  note(text: string): void;
  /** The last state stays on the screen; nothing is drawn after it. */
  close(): void;
}

export interface LiveViewOptions {
  readonly output: NodeJS.WriteStream;
  /** Lines even on a terminal. */
  readonly plain: boolean;
}

/** The live view on a terminal, plain lines when piped. */
export function createLiveView({ output, plain }: LiveViewOptions): LiveView {
  return output.isTTY && !plain ? terminalView(output) : plainView(output);
}
