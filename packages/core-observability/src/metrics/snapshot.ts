import type { MetricKind } from '../catalogue/catalogue.js';
import type { Attributes, ScopeIdentity } from '../tracing/span-record.js';
import type { ExponentialDistribution } from './exponential-buckets.js';

/** What a metric is, without its values. */
export interface MetricDescriptor {
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: string;
  readonly brief: string;
}

/** A single measurement kept beside an aggregate, with the sampled span that it came from. */
export interface Exemplar {
  readonly value: number;
  readonly timeMs: number;
  readonly traceId: string;
  readonly spanId: string;
}

interface PointBase {
  readonly attributes: Attributes;
  readonly startTimeMs: number;
  readonly timeMs: number;
}

/** The value of a counter, up-down counter or gauge. */
export interface NumberPoint extends PointBase {
  readonly type: 'number';
  readonly value: number;
}

/** The distribution of a histogram: `bucketCounts` has one more entry than `boundaries`. */
export interface HistogramPoint extends PointBase {
  readonly type: 'histogram';
  readonly count: number;
  readonly sum: number;
  /** Absent before the first measurement. */
  readonly min?: number;
  readonly max?: number;
  readonly boundaries: readonly number[];
  readonly bucketCounts: readonly number[];
  readonly exemplars: readonly Exemplar[];
  /** The same measurements in exponential buckets, where those were asked for. */
  readonly exponential?: ExponentialDistribution;
}

export type MetricPoint = NumberPoint | HistogramPoint;

/** All series of one metric at one moment: what every exporter serialises. */
export interface MetricSnapshot {
  readonly scope: ScopeIdentity;
  readonly descriptor: MetricDescriptor;
  /** `delta`: since the previous collection; otherwise since the start of each series. */
  readonly temporality?: 'delta';
  readonly points: readonly MetricPoint[];
}
