import type { Clock } from '../ports/clock.js';

/** Where time is booked. */
export interface TimeAccount {
  busyMs: number;
}

/** Books the time of one chain on whoever is working: entering a stage ends the booking of its caller. */
export class Stopwatch {
  private readonly clock: Clock;
  private current: TimeAccount | undefined;
  private sinceMs: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.sinceMs = clock.monotonicMs();
  }

  /** Starts booking on the account (undefined: on nobody) and returns the former one, to be entered again afterwards. */
  enter(account: TimeAccount | undefined): TimeAccount | undefined {
    const nowMs = this.clock.monotonicMs();
    const former = this.current;
    if (former !== undefined) former.busyMs += nowMs - this.sinceMs;
    this.current = account;
    this.sinceMs = nowMs;
    return former;
  }

  /** Books what has passed up to now: asked for before the accounts are read. */
  settle(): void {
    this.enter(this.current);
  }
}
