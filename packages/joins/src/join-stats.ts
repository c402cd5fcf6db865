import type { OperatorStats } from '@sabot/stream/ports';

/** Facts of a join operator beyond those of every operator; `telemetry.ts` publishes them. */
export interface JoinStats extends OperatorStats {
  /** Batches joined. */
  operations: number;
  /** Rows of the preserved or probing side that found a partner. */
  matchedRows: number;
  /** Rows of the probing side that found none; inner joins leave them out, counted here. */
  unmatchedRows: number;
  /** Rows and bytes of the side that is held in memory. */
  readonly buildRows: number;
  readonly buildBytes: number;
  /** Matches per row of the held side: what skew is computed from, at collection. */
  readonly hits: Float64Array;
}

/** The share (0–1) of all matches that fell on the `keys` most frequent rows of the held side; 0 before the first match. */
export function topKeyShare(stats: JoinStats, keys: number): number {
  const top: number[] = [];
  let total = 0;
  for (const hits of stats.hits) {
    total += hits;
    if (top.length < keys) top.push(hits);
    else if (hits > (top[0] as number)) top[0] = hits;
    else continue;
    top.sort((a, b) => a - b);
  }
  return total === 0 ? 0 : top.reduce((sum, hits) => sum + hits, 0) / total;
}
