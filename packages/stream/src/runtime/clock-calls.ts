import type { Clock } from '../ports/clock.js';
import type { ClockCall } from '../ports/operator.js';

/** How a call reaches the operator: as a step of its own chain, between two elements. */
type Deliver = (call: ClockCall) => void;

/**
 * The calls that one operator has asked for at times of the clock. What is due at once does not wait for the clock, so
 * that a clock that stands still holds nothing up. Before the chain is connected calls are kept; once closed, none comes.
 */
export class ClockCalls {
  private readonly clock: Clock;
  private readonly cancels = new Set<() => void>();
  private early: (() => void)[] | undefined = [];
  private deliver: Deliver | undefined;
  private closed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  connect(deliver: Deliver): void {
    this.deliver = deliver;
    const early = this.early ?? [];
    this.early = undefined;
    for (const ask of early) ask();
  }

  /** Asks for a call at this time, epoch milliseconds; the function that comes back takes the request back. */
  at(timeMs: number, call: ClockCall): () => void {
    let wanted = true;
    const take: ClockCall = (nowMs, output) => {
      if (wanted && !this.closed) call(nowMs, output);
      wanted = false;
    };
    if (this.early !== undefined) this.early.push(() => this.schedule(timeMs, take));
    else if (!this.closed) this.schedule(timeMs, take);
    return () => {
      wanted = false;
    };
  }

  close(): void {
    this.closed = true;
    for (const cancel of this.cancels) cancel();
    this.cancels.clear();
  }

  private schedule(timeMs: number, call: ClockCall): void {
    const delayMs = timeMs - this.clock.now();
    if (delayMs <= 0) {
      this.deliver?.(call);
      return;
    }
    const cancel = this.clock.schedule(delayMs, () => {
      this.cancels.delete(cancel);
      this.deliver?.(call);
    });
    this.cancels.add(cancel);
  }
}
