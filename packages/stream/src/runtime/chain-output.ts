import type { Clock } from '../ports/clock.js';
import type { Outlet } from './channel.js';

/** The channels behind a chain, and the time for which one of them being full kept the chain from its input. */
export class ChainOutput {
  private readonly clock: Clock;
  private readonly outlets: Outlet[] = [];
  private blockedMs = 0;
  private blockedSinceMs: number | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(outlet: Outlet): void {
    this.outlets.push(outlet);
  }

  get full(): boolean {
    for (const outlet of this.outlets) if (outlet.full) return true;
    return false;
  }

  /** Notes whether the chain, having input, is kept from it right now. */
  note(blocked: boolean): void {
    if (blocked === (this.blockedSinceMs !== undefined)) return;
    const nowMs = this.clock.monotonicMs();
    if (this.blockedSinceMs === undefined) this.blockedSinceMs = nowMs;
    else {
      this.blockedMs += nowMs - this.blockedSinceMs;
      this.blockedSinceMs = undefined;
    }
  }

  /** Milliseconds up to now. */
  get backpressuredMs(): number {
    return this.blockedMs + (this.blockedSinceMs === undefined ? 0 : this.clock.monotonicMs() - this.blockedSinceMs);
  }
}
