import { type MeterProvider, metrics as metricsApi } from '@opentelemetry/api';
import type {
  DataPoint,
  DataPointType,
  ExponentialHistogram,
  Histogram,
  MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import { isNoopMeterProvider } from '../metrics/application-metrics.js';
import type { HistogramPoint, MetricPoint, MetricSnapshot } from '../metrics/snapshot.js';
import { plainAttributes } from './api-span-view.js';
import { loadOptional, type MissingPackage } from './optional-package.js';

/** The metrics that users' code makes through `@opentelemetry/api`. */
export interface UserMetrics {
  collect(): Promise<readonly MetricSnapshot[]>;
}

const noUserMetrics: UserMetrics = { collect: async () => [] };

/** Registers a meter provider for users' own metrics, where the SDK is installed and the application has none. */
export async function registerMeters(missing: MissingPackage[], undo: (() => void)[]): Promise<UserMetrics> {
  if (!isNoopMeterProvider(metricsApi.getMeterProvider())) return noUserMetrics;
  const loaded = await loadOptional(
    '@opentelemetry/sdk-metrics',
    () => import('@opentelemetry/sdk-metrics'),
    'metrics that your own code makes through @opentelemetry/api are not kept',
  );
  if ('missing' in loaded) {
    missing.push(loaded.missing);
    return noUserMetrics;
  }
  const sdk = loaded.module;
  class PulledReader extends sdk.MetricReader {
    protected override async onForceFlush(): Promise<void> {
      // Sabot pulls; nothing is kept back.
    }
    protected override async onShutdown(): Promise<void> {
      // Sabot's exporters close by themselves.
    }
  }
  const reader = new PulledReader();
  const provider: MeterProvider = new sdk.MeterProvider({ readers: [reader] });
  if (!metricsApi.setGlobalMeterProvider(provider)) return noUserMetrics;
  undo.push(() => metricsApi.disable());
  return { collect: () => collectFrom(reader) };
}

async function collectFrom(reader: MetricReader): Promise<readonly MetricSnapshot[]> {
  // A callback of users' code that fails is told by the SDK's own diagnostics; a reader that was shut down has nothing.
  const collected = await reader.collect().catch(() => undefined);
  return (collected?.resourceMetrics.scopeMetrics ?? []).flatMap(({ scope, metrics }) =>
    metrics.map((metric) => ({
      scope: { name: scope.name, version: scope.version ?? '' },
      descriptor: {
        name: metric.descriptor.name,
        kind: kindOf(metric),
        unit: metric.descriptor.unit,
        brief: metric.descriptor.description,
      },
      points: pointsOf(metric),
    })),
  );
}

// The SDK's own numbers, without loading it.
const HISTOGRAM: DataPointType.HISTOGRAM = 0;
const EXPONENTIAL: DataPointType.EXPONENTIAL_HISTOGRAM = 1;
const GAUGE: DataPointType.GAUGE = 2;

function kindOf(metric: MetricData): MetricSnapshot['descriptor']['kind'] {
  if (metric.dataPointType === GAUGE) return 'gauge';
  if (metric.dataPointType === HISTOGRAM || metric.dataPointType === EXPONENTIAL) return 'histogram';
  return metric.isMonotonic ? 'counter' : 'upDownCounter';
}

function pointsOf(metric: MetricData): readonly MetricPoint[] {
  switch (metric.dataPointType) {
    case HISTOGRAM:
      return metric.dataPoints.map(explicitPoint);
    case EXPONENTIAL:
      return metric.dataPoints.map(exponentialPoint);
    default:
      return metric.dataPoints.map((point) => ({ type: 'number', ...headOf(point), value: point.value }));
  }
}

function explicitPoint(point: DataPoint<Histogram>): HistogramPoint {
  const { boundaries, counts } = point.value.buckets;
  return {
    type: 'histogram',
    ...headOf(point),
    ...totalsOf(point.value),
    boundaries,
    bucketCounts: counts,
    exemplars: [],
  };
}

function exponentialPoint(point: DataPoint<ExponentialHistogram>): HistogramPoint {
  const { scale, zeroCount, positive, negative, count } = point.value;
  const side = ({ offset, bucketCounts }: typeof positive) => ({ offset, counts: bucketCounts });
  return {
    type: 'histogram',
    ...headOf(point),
    ...totalsOf(point.value),
    // Receivers that know no exponential buckets still get count and sum.
    boundaries: [],
    bucketCounts: [count],
    exemplars: [],
    exponential: { scale, zeroCount, positive: side(positive), negative: side(negative) },
  };
}

function totalsOf({ count, sum = 0, min, max }: Histogram | ExponentialHistogram) {
  return { count, sum, ...(min === undefined || max === undefined ? {} : { min, max }) };
}

function headOf({ attributes, startTime, endTime }: DataPoint<unknown>) {
  const toMs = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6;
  return { attributes: plainAttributes(attributes), startTimeMs: toMs(startTime), timeMs: toMs(endTime) };
}
