/** The part of a histogram that a quantile needs. */
export interface Buckets {
  readonly boundaries: readonly number[];
  /** One more than boundaries. */
  readonly bucketCounts: readonly number[];
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
}

/**
 * An estimate of the value below which `share` of the measurements lie, linear within its bucket and never outside what
 * was measured. Source: Prometheus, `histogram_quantile`.
 */
export function quantile(buckets: Buckets, share: number): number {
  const { boundaries, bucketCounts, count, max, min } = buckets;
  const rank = share * count;
  let below = 0;
  for (const [i, inBucket] of bucketCounts.entries()) {
    if (inBucket > 0 && below + inBucket >= rank) {
      const lower = Math.max(boundaries[i - 1] ?? 0, min ?? Number.NEGATIVE_INFINITY);
      const upper = Math.min(boundaries[i] ?? max ?? lower, max ?? Number.POSITIVE_INFINITY);
      return lower + (upper - lower) * ((rank - below) / inBucket);
    }
    below += inBucket;
  }
  return max ?? boundaries.at(-1) ?? 0;
}
