import type { Clock } from '../ports/clock.js';

/** A clock that stands still until it is told to go on: what runs by it is deterministic. */
export interface VirtualClock extends Clock {
  /** Moves time on and fires what becomes due on the way, in time order; equal times in the order they were scheduled. */
  advance(byMs: number): void;
  /** How many timers wait. */
  readonly pending: number;
}

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A virtual clock that begins at this time, epoch milliseconds; default 0. */
export function createVirtualClock(startMs = 0): VirtualClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Set<Timer>();
  const earliest = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  };
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    schedule(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (let timer = earliest(untilMs); timer !== undefined; timer = earliest(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.callback();
      }
      nowMs = untilMs;
    },
    get pending() {
      return timers.size;
    },
  };
}
