import type { OperatorContext, OperatorOutput } from '../ports/operator.js';

/** One wish at a time to be called at a time of the clock: the earliest that has been asked for. */
export class WindowClock {
  private context: OperatorContext | undefined;
  private dueMs = Number.POSITIVE_INFINITY;
  private cancel: (() => void) | undefined;
  private readonly onDue: (nowMs: number, output: OperatorOutput) => void;

  constructor(onDue: (nowMs: number, output: OperatorOutput) => void) {
    this.onDue = onDue;
  }

  open(context: OperatorContext): void {
    this.context = context;
  }

  get nowMs(): number {
    return this.context?.clock.now() ?? Number.NEGATIVE_INFINITY;
  }

  /** Asks for a call at this time, unless one comes before. */
  request(timeMs: number): void {
    if (timeMs >= this.dueMs || this.context === undefined) return;
    this.cancel?.();
    this.dueMs = timeMs;
    this.cancel = this.context.callAt(timeMs, (nowMs, output) => {
      this.dueMs = Number.POSITIVE_INFINITY;
      this.onDue(nowMs, output);
    });
  }
}
