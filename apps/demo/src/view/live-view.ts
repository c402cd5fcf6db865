import type { Progress } from '../progress.js';

/** Where progress is shown while the job runs. */
export interface LiveView {
  /** Called a few times a second. */
  update(progress: Progress): void;
  /** A line that stays. */
  note(text: string): void;
  /** The last state stays on the screen; nothing is drawn after it. */
  close(): void;
}
