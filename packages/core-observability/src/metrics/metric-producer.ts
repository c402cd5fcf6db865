import type { HrTime } from '@opentelemetry/api';
import type {
  AggregationTemporality,
  CollectionResult,
  DataPoint,
  DataPointType,
  MetricData,
  MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { HistogramPoint, MetricPoint, MetricSnapshot, NumberPoint } from './snapshot.js';

type Resource = CollectionResult['resourceMetrics']['resource'];

// The SDK's own numbers: importing them would load the SDK, which is optional.
const HISTOGRAM: DataPointType.HISTOGRAM = 0;
const EXPONENTIAL: DataPointType.EXPONENTIAL_HISTOGRAM = 1;
const GAUGE: DataPointType.GAUGE = 2;
const SUM: DataPointType.SUM = 3;
const CUMULATIVE: AggregationTemporality.CUMULATIVE = 1;
const DOUBLE = 1;

/**
 * Sabot's metrics as a `MetricProducer` of `@opentelemetry/sdk-metrics` 2.x: give it to any reader of yours in
 * `metricProducers`, and the reader's exporter gets them with everything else, histograms and all.
 *
 * @example
 * const observability = createObservability({ applicationMetrics: 'producer' });
 * new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer(observability)] });
 */
export function metricProducer(source: { collect(): readonly MetricSnapshot[] }): MetricProducer {
  return {
    collect: async () => {
      const scopes = new Map<string, { scope: { name: string; version: string }; metrics: MetricData[] }>();
      for (const snapshot of source.collect()) {
        const group = scopes.get(snapshot.scope.name) ?? { scope: { ...snapshot.scope }, metrics: [] };
        group.metrics.push(toMetricData(snapshot));
        scopes.set(snapshot.scope.name, group);
      }
      return { resourceMetrics: { resource: ignoredResource, scopeMetrics: [...scopes.values()] }, errors: [] };
    },
  };
}

/** Readers keep their own resource and ignore a producer's; the type wants one. */
const ignoredResource: Resource = {
  attributes: {},
  merge: (other) => other ?? ignoredResource,
  getRawAttributes: () => [],
};

function toMetricData({ descriptor: { name, kind, unit, brief }, points }: MetricSnapshot): MetricData {
  const descriptor = { name, unit, description: brief, valueType: DOUBLE };
  const base = { descriptor, aggregationTemporality: CUMULATIVE };
  switch (kind) {
    case 'gauge':
      return { ...base, dataPointType: GAUGE, dataPoints: numbers(points) };
    case 'counter':
    case 'upDownCounter':
      return { ...base, dataPointType: SUM, isMonotonic: kind === 'counter', dataPoints: numbers(points) };
    case 'histogram': {
      const histograms = points.filter((point) => point.type === 'histogram');
      // All series of a metric have exponential buckets or none: the registry decides once.
      if (histograms.some(({ exponential }) => exponential !== undefined)) {
        return { ...base, dataPointType: EXPONENTIAL, dataPoints: histograms.flatMap(exponentialPoint) };
      }
      return { ...base, dataPointType: HISTOGRAM, dataPoints: histograms.map(explicitPoint) };
    }
  }
}

function numbers(points: readonly MetricPoint[]): DataPoint<number>[] {
  return points
    .filter((point): point is NumberPoint => point.type === 'number')
    .map((point) => ({ ...headOf(point), value: point.value }));
}

function explicitPoint(point: HistogramPoint) {
  const buckets = { boundaries: [...point.boundaries], counts: [...point.bucketCounts] };
  return { ...headOf(point), value: { ...totalsOf(point), buckets } };
}

function exponentialPoint(point: HistogramPoint) {
  const { exponential } = point;
  if (exponential === undefined) return [];
  const side = ({ offset, counts }: typeof exponential.positive) => ({ offset, bucketCounts: [...counts] });
  const { scale, zeroCount, positive, negative } = exponential;
  return [
    {
      ...headOf(point),
      value: { ...totalsOf(point), scale, zeroCount, positive: side(positive), negative: side(negative) },
    },
  ];
}

function totalsOf({ count, sum, min, max }: HistogramPoint) {
  return { count, sum, ...(min === undefined || max === undefined ? {} : { min, max }) };
}

function headOf({ attributes, startTimeMs, timeMs }: MetricPoint) {
  return { attributes: { ...attributes }, startTime: toHrTime(startTimeMs), endTime: toHrTime(timeMs) };
}

function toHrTime(timeMs: number): HrTime {
  const seconds = Math.floor(timeMs / 1000);
  return [seconds, Math.round((timeMs - seconds * 1000) * 1e6)];
}
