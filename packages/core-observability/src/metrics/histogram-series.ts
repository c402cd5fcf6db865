import type { Histogram, Registration } from '../observability.js';
import { nowMs } from '../tracing/clock.js';
import type { Attributes } from '../tracing/span-record.js';
import type { TraceContext } from '../tracing/trace-context.js';
import { ExponentialBuckets } from './exponential-buckets.js';
import type { MeasurementLosses } from './measurement-losses.js';
import type { Exemplar, HistogramPoint } from './snapshot.js';

/** 100 µs to 10 s in 1-2-5 steps, in seconds: what a histogram gets that declares no boundaries. */
export const DEFAULT_BOUNDARIES: readonly number[] = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
];

/** A second receiver of every measurement: the application's own histogram of the same name. */
export interface HistogramForward {
  to: ((value: number, attributes: Attributes) => void) | undefined;
}

/** One series of an explicit-bucket histogram; bucket i counts values in (boundary[i-1], boundary[i]]. */
export class HistogramSeries {
  readonly attributes: Attributes;
  readonly startTimeMs: number;
  owners = 0;
  private readonly boundaries: Float64Array;
  private readonly forward: HistogramForward;
  /** Counts per bucket; the last one is above every boundary. */
  private readonly counts: Float64Array;
  private count = 0;
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private readonly exponential: ExponentialBuckets | undefined;
  private exemplars: (Exemplar | undefined)[] | undefined;

  constructor(
    attributes: Attributes,
    startTimeMs: number,
    boundaries: Float64Array,
    forward: HistogramForward,
    exponential: boolean,
  ) {
    this.attributes = attributes;
    this.startTimeMs = startTimeMs;
    this.boundaries = boundaries;
    this.forward = forward;
    this.counts = new Float64Array(boundaries.length + 1);
    this.exponential = exponential ? new ExponentialBuckets() : undefined;
  }

  record(value: number, exemplar: TraceContext | undefined): void {
    const bucket = this.bucketOf(value);
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.exponential?.record(value);
    if (exemplar !== undefined && (exemplar.traceFlags & 1) === 1) this.keep(bucket, value, exemplar);
    this.forward.to?.(value, this.attributes);
  }

  point(timeMs: number): HistogramPoint {
    return {
      type: 'histogram',
      attributes: this.attributes,
      startTimeMs: this.startTimeMs,
      timeMs,
      count: this.count,
      sum: this.sum,
      ...(this.count === 0 ? {} : { min: this.min, max: this.max }),
      boundaries: Array.from(this.boundaries),
      bucketCounts: Array.from(this.counts),
      exemplars: this.exemplars?.filter((kept) => kept !== undefined) ?? [],
      ...(this.exponential === undefined ? {} : { exponential: this.exponential.read() }),
    };
  }

  private bucketOf(value: number): number {
    let low = 0;
    let high = this.boundaries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (this.boundaries[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private keep(bucket: number, value: number, { traceId, spanId }: TraceContext): void {
    this.exemplars ??= new Array(this.counts.length);
    this.exemplars[bucket] = { value, timeMs: nowMs(), traceId, spanId };
  }
}

/** A binding of a histogram series. */
export class HistogramHandle implements Histogram, Registration {
  private series: HistogramSeries | undefined;
  private readonly losses: MeasurementLosses;
  private readonly release: () => void;

  constructor(series: HistogramSeries, losses: MeasurementLosses, release: () => void) {
    this.series = series;
    this.losses = losses;
    this.release = release;
  }

  record(value: number, exemplar?: TraceContext): void {
    if (!Number.isFinite(value)) this.losses.invalid++;
    else this.series?.record(value, exemplar);
  }

  remove(): void {
    if (this.series === undefined) return;
    this.series = undefined;
    this.release();
  }
}
