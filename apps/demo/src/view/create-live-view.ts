import type { LiveView } from './live-view.js';
import { plainView } from './plain-view.js';
import { terminalView } from './terminal-view.js';

export interface LiveViewOptions {
  readonly output: NodeJS.WriteStream;
  /** Lines even on a terminal. */
  readonly plain: boolean;
}

/** The live view on a terminal, plain lines when piped. */
export function createLiveView({ output, plain }: LiveViewOptions): LiveView {
  return output.isTTY && !plain ? terminalView(output) : plainView(output);
}
