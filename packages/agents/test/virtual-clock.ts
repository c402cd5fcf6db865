import type { Clock } from '@sabot/stream';

/** A clock whose waits are over at once: it jumps to the time of each wait and remembers how long it was. */
export function jumpingClock(startMs = 1_000): Clock & { readonly waitsMs: number[]; advance(ms: number): void } {
  let nowMs = startMs;
  const waitsMs: number[] = [];
  return {
    waitsMs,
    advance(ms) {
      nowMs += ms;
    },
    now: () => nowMs,
    monotonicMs: () => nowMs,
    schedule(delayMs, callback) {
      waitsMs.push(delayMs);
      let cancelled = false;
      queueMicrotask(() => {
        if (cancelled) return;
        nowMs += delayMs;
        callback();
      });
      return () => {
        cancelled = true;
      };
    },
  };
}
