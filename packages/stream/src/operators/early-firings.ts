import type { OperatorContext, OperatorOutput } from '../ports/operator.js';
import { WindowClock } from './window-clock.js';
import type { EarlyFiring } from './window-settings.js';

/** Firings before a window's end in equal steps of the clock, only while there is something to say. */
export class EarlyFirings {
  private readonly everyMs: number | undefined;
  private readonly clock: WindowClock;

  constructor(early: EarlyFiring | undefined, fire: (output: OperatorOutput) => void) {
    this.everyMs = early !== undefined && 'everyMs' in early ? early.everyMs : undefined;
    this.clock = new WindowClock((_nowMs, output) => fire(output));
  }

  open(context: OperatorContext): void {
    this.clock.open(context);
  }

  /** Rows have come: the next firing is at the next multiple of the step. */
  expect(): void {
    if (this.everyMs === undefined) return;
    this.clock.request((Math.floor(this.clock.nowMs / this.everyMs) + 1) * this.everyMs);
  }
}
