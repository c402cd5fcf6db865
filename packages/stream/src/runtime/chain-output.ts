import type { Clock } from '../ports/clock.js';
import type { Channel } from './channel.js';

/** The channels behind a chain, and the time for which one of them being full kept the chain from its input. */
export class ChainOutput {
  private readonly clock: Clock;
  private readonly channels: Channel[] = [];
  private blockedMs = 0;
  private blockedSinceMs: number | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(channel: Channel): void {
    this.channels.push(channel);
  }

  get full(): boolean {
    for (const channel of this.channels) if (channel.full) return true;
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
