/** Processing time. Tests use a virtual one, so that they are deterministic. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Monotonic milliseconds with a fraction of microsecond precision or better, for durations only. */
  monotonicMs(): number;
  /** Calls back once after the delay; the returned function cancels. */
  schedule(delayMs: number, callback: () => void): () => void;
}
