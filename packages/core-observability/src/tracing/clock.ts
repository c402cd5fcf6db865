let offsetMs = performance.timeOrigin;

/** Epoch milliseconds with a sub-millisecond fraction; never goes backwards between two re-anchorings. */
export function nowMs(): number {
  return offsetMs + performance.now();
}

/**
 * Follows the wall clock again after it was stepped or the machine slept, when they differ by more than `toleranceMs`.
 * Called off the hot path (at collection); durations measured across a re-anchoring are wrong by the step, once.
 */
export function reanchorClock(toleranceMs = 100): void {
  const driftMs = Date.now() - nowMs();
  if (Math.abs(driftMs) > toleranceMs) offsetMs += driftMs;
}
