import type { Clock } from '../ports/clock.js';

/** The machine's clock: the default of every job. Its timers keep a running job's process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
