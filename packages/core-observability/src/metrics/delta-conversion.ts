import type { ExponentialDistribution, ExponentialSide } from './exponential-buckets.js';
import { seriesKey } from './series-key.js';
import type { HistogramPoint, MetricPoint, MetricSnapshot, NumberPoint } from './snapshot.js';

/**
 * Turns cumulative snapshots into what was added since the previous ones, for receivers that prefer that.
 * State: the last point of each series, forgotten when the series is gone.
 */
export class DeltaConversion {
  private previous = new Map<string, MetricPoint>();

  convert(snapshots: readonly MetricSnapshot[]): readonly MetricSnapshot[] {
    const current = new Map<string, MetricPoint>();
    const converted = snapshots.map((snapshot): MetricSnapshot => {
      const { kind, name } = snapshot.descriptor;
      // Gauges have no sum, and the sum of an up-down counter is what people look at.
      if (kind === 'gauge' || kind === 'upDownCounter') return snapshot;
      const points = snapshot.points.map((point) => {
        const key = `${snapshot.scope.name}\n${name}\n${seriesKey(point.attributes)}`;
        // A series that ended and began again in one interval has two points: the second one starts from nothing.
        const before = current.get(key) ?? this.previous.get(key);
        current.set(key, point);
        return before === undefined || before.startTimeMs !== point.startTimeMs ? point : difference(point, before);
      });
      return { ...snapshot, temporality: 'delta', points };
    });
    this.previous = current;
    return converted;
  }
}

function difference(point: MetricPoint, before: MetricPoint): MetricPoint {
  if (point.type === 'number' && before.type === 'number') return numberDifference(point, before);
  if (point.type === 'histogram' && before.type === 'histogram') return histogramDifference(point, before);
  return point;
}

function numberDifference(point: NumberPoint, before: NumberPoint): NumberPoint {
  return { ...point, startTimeMs: before.timeMs, value: point.value - before.value };
}

function histogramDifference(point: HistogramPoint, before: HistogramPoint): HistogramPoint {
  // The smallest and largest of the interval alone are not known.
  const { min: _min, max: _max, ...rest } = point;
  const { exponential } = before;
  return {
    ...rest,
    startTimeMs: before.timeMs,
    count: point.count - before.count,
    sum: point.sum - before.sum,
    bucketCounts: point.bucketCounts.map((count, bucket) => count - (before.bucketCounts[bucket] ?? 0)),
    exemplars: point.exemplars.filter(({ timeMs }) => timeMs > before.timeMs),
    ...(point.exponential && exponential
      ? { exponential: distributionDifference(point.exponential, exponential) }
      : {}),
  };
}

function distributionDifference(
  now: ExponentialDistribution,
  before: ExponentialDistribution,
): ExponentialDistribution {
  // The scale only ever falls: the older buckets are merged to the newer resolution.
  const steps = before.scale - now.scale;
  return {
    scale: now.scale,
    zeroCount: now.zeroCount - before.zeroCount,
    positive: sideDifference(now.positive, before.positive, steps),
    negative: sideDifference(now.negative, before.negative, steps),
  };
}

function sideDifference(now: ExponentialSide, before: ExponentialSide, steps: number): ExponentialSide {
  const counts = [...now.counts];
  before.counts.forEach((count, at) => {
    const index = ((before.offset + at) >> steps) - now.offset;
    counts[index] = (counts[index] ?? 0) - count;
  });
  return { offset: now.offset, counts };
}
