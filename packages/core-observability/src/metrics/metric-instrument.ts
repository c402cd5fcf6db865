import type { MetricDeclaration } from '../catalogue/catalogue.js';
import { errors } from '../errors.js';
import type { Counter, Gauge, Histogram, Registration } from '../observability.js';
import { nowMs } from '../tracing/clock.js';
import type { StartAttributes } from '../tracing/span-backend.js';
import type { ScopeIdentity } from '../tracing/span-record.js';
import type { CellPool } from './cell-pool.js';
import { DEFAULT_BOUNDARIES, type HistogramForward, HistogramHandle, HistogramSeries } from './histogram-series.js';
import type { MeasurementLosses } from './measurement-losses.js';
import { CounterHandle, GaugeHandle, NumberSeries } from './number-series.js';
import { definedAttributes, OVERFLOW_ATTRIBUTES, seriesKey } from './series-key.js';
import type { MetricPoint, MetricSnapshot } from './snapshot.js';

/** A binding of any kind; the typed face of a metric shows only the methods of its kind. */
export type SeriesHandle = (Counter | Gauge | Histogram) & Registration;
type Series = NumberSeries | HistogramSeries;

/** What the instruments of one registry share. */
export interface InstrumentContext {
  readonly pool: CellPool;
  readonly losses: MeasurementLosses;
  /** Most series of one metric; the rest goes into the overflow series. */
  readonly seriesLimit: number;
  /** Histograms count into exponential buckets too. */
  readonly exponentialHistograms: boolean;
  /** Comes before the series is looked for: two sets of attributes may become one. */
  readonly clean: (attributes: StartAttributes) => StartAttributes;
  /** Told when a series disappears, with its last value. */
  readonly departed: (snapshot: MetricSnapshot) => void;
}

/** One declared metric and its series. */
export class MetricInstrument {
  readonly scope: ScopeIdentity;
  readonly declaration: MetricDeclaration;
  private readonly context: InstrumentContext;
  /** Histograms only: bucket upper bounds, default 100 µs to 10 s. */
  readonly boundaries: Float64Array;
  private readonly forward: HistogramForward = { to: undefined };
  private readonly all = new Map<string, Series>();
  private readonly overflowKey = seriesKey(OVERFLOW_ATTRIBUTES);

  constructor(scope: ScopeIdentity, declaration: MetricDeclaration, context: InstrumentContext) {
    this.scope = scope;
    this.declaration = declaration;
    this.context = context;
    this.boundaries = Float64Array.from(declaration.boundaries ?? DEFAULT_BOUNDARIES);
  }

  series(attributes: StartAttributes): SeriesHandle {
    const [key, series] = this.obtain(attributes);
    const release = () => this.release(key, series);
    const { losses } = this.context;
    if (series instanceof HistogramSeries) return new HistogramHandle(series, losses, release);
    if (this.declaration.kind === 'gauge') return new GaugeHandle(series.cell, losses, release);
    return new CounterHandle(series.cell, this.declaration.kind === 'counter', losses, release);
  }

  observe(attributes: StartAttributes, read: () => number): Registration {
    const [key, series] = this.obtain(attributes);
    if (series instanceof HistogramSeries) {
      this.release(key, series);
      throw errors.error('METRIC_NOT_READABLE', {
        what: `cannot observe "${this.declaration.name}"`,
        why: 'it is a histogram, which is recorded and not read',
      });
    }
    series.addReader(read);
    let active = true;
    return {
      remove: () => {
        if (!active) return;
        active = false;
        // The last owner's value leaves with the series; otherwise it is folded into what remains.
        if (series.owners > 1) series.removeReader(read);
        this.release(key, series);
      },
    };
  }

  /** Histograms only: also hands every measurement to `receiver`, until called with undefined. */
  forwardTo(receiver: HistogramForward['to']): void {
    this.forward.to = receiver;
  }

  /** All series at `timeMs`; undefined when there is none with a value. */
  collect(timeMs: number): MetricSnapshot | undefined {
    const points: MetricPoint[] = [];
    for (const series of this.all.values()) {
      const point = series.point(timeMs);
      if (point !== undefined) points.push(point);
    }
    return points.length === 0 ? undefined : this.snapshot(points);
  }

  /** All series at `timeMs` in parts of at most `most` points, read one part at a time. */
  *parts(timeMs: number, most: number): Generator<MetricSnapshot> {
    let points: MetricPoint[] = [];
    for (const series of this.all.values()) {
      const point = series.point(timeMs);
      if (point !== undefined) points.push(point);
      if (points.length < most) continue;
      yield this.snapshot(points);
      points = [];
    }
    if (points.length > 0) yield this.snapshot(points);
  }

  private obtain(given: StartAttributes): readonly [string, Series] {
    const attributes = this.context.clean(given);
    let key = seriesKey(attributes);
    let series = this.all.get(key);
    if (series === undefined && this.all.size >= this.context.seriesLimit && key !== this.overflowKey) {
      this.context.losses.overflowed++;
      key = this.overflowKey;
      series = this.all.get(key);
    }
    if (series === undefined) {
      series = this.create(key === this.overflowKey ? OVERFLOW_ATTRIBUTES : definedAttributes(attributes));
      this.all.set(key, series);
    }
    series.owners++;
    return [key, series];
  }

  private create(attributes: StartAttributes): Series {
    const defined = definedAttributes(attributes);
    const { pool, losses, exponentialHistograms } = this.context;
    if (this.declaration.kind === 'histogram') {
      return new HistogramSeries(defined, nowMs(), this.boundaries, this.forward, exponentialHistograms);
    }
    return new NumberSeries(this.declaration.kind, defined, nowMs(), pool, losses);
  }

  private release(key: string, series: Series): void {
    series.owners--;
    if (series.owners > 0) return;
    const last = series.point(nowMs());
    this.all.delete(key);
    if (series instanceof NumberSeries) this.context.pool.give(series.cell);
    if (last !== undefined) this.context.departed(this.snapshot([last]));
  }

  private snapshot(points: readonly MetricPoint[]): MetricSnapshot {
    const { name, kind, unit, brief } = this.declaration;
    return { scope: this.scope, descriptor: { name, kind, unit, brief }, points };
  }
}
