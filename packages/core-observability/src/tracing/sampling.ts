/** Decides from the two low words of a trace id whether a new trace is kept. */
export type RootSampler = (high: number, low: number) => boolean;

const TWO_32 = 2 ** 32;
const TWO_56 = 2 ** 56;

/**
 * Keeps the given share of new traces, 0 to 1, by the same rule in every process: the low 56 bits of the trace id are
 * at or above the rejection threshold. Source: OpenTelemetry, "TraceState: Probability Sampling".
 */
export function ratioSampler(ratio: number): RootSampler {
  if (ratio >= 1) return () => true;
  if (!(ratio > 0)) return () => false;
  const threshold = (1 - ratio) * TWO_56;
  return (high, low) => (high & 0xffffff) * TWO_32 + (low >>> 0) >= threshold;
}
