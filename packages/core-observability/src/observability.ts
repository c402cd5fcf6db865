import type { MetricAttributes, SpanAttributes, TelemetryCatalogue } from './catalogue/catalogue.js';
import type { TraceContext } from './tracing/trace-context.js';

/** Who owns the OpenTelemetry SDK: nobody yet known, the application, Sabot, or nobody. */
export type TelemetryMode = 'auto' | 'app' | 'sabot' | 'off';

/** How much a sampled batch records; switchable while running. */
export type DetailLevel = 'batch' | 'operator' | 'row';

/** A series that only grows. Adding is one store into a typed array. */
export interface Counter {
  add(amount: number): void;
}

/** A series that holds the last value. */
export interface Gauge {
  set(value: number): void;
}

/** A series of measurements counted into buckets. `exemplar` ties the measurement to a sampled span. */
export interface Histogram {
  record(value: number, exemplar?: TraceContext): void;
}

/** Something that ends: a callback or series that disappears from collection. */
export interface Registration {
  remove(): void;
}

type SeriesOf<Kind> = Kind extends 'counter' | 'upDownCounter' ? Counter : Kind extends 'gauge' ? Gauge : Histogram;

/** One declared metric: bind a series once, outside any loop, and use the series. */
export interface Metric<A, Kind> {
  /** The series for these attributes; the same attributes give the same series. Beyond the series limit, the overflow series. */
  series(attributes: A): SeriesOf<Kind> & Registration;
  /** A counter or gauge whose value is read at collection only: the cheapest way to publish an operator's `stats`. */
  observe(attributes: A, read: () => number): Registration;
}

export interface SpanStartOptions {
  /** The parent, given explicitly. `undefined`: the active context's span; `null`: a new root. */
  readonly parent?: SpanHandle | TraceContext | null;
  /** Producers of the batch; deduplicated by trace and capped at 32, true totals go into attributes. */
  readonly links?: readonly TraceContext[];
  /** Start time in epoch milliseconds with fraction; default now. */
  readonly startTimeMs?: number;
}

/** Why a batch is kept although it is outside the sample; `failed` and `slow` are found without being told. */
export type KeepReason = 'failed' | 'slow' | 'late' | 'retried';

/** A span that has been started; every call on a non-recording one is free of work. */
export interface SpanHandle {
  readonly context: TraceContext;
  /** False when nothing will keep this span: do not build attributes or children then. */
  readonly recording: boolean;
  set(name: string, value: string | number | boolean): void;
  event(name: string, attributes?: Readonly<Record<string, string | number | boolean>>): void;
  /** Status error, `error.type`, and an exception event with the stack; does not end the span. */
  recordFailure(error: unknown): void;
  /** Keeps the batch of this span whatever the sample rate, for example because it had late rows. */
  keep(reason: KeepReason): void;
  end(endTimeMs?: number): void;
}

/** One declared span. */
export interface SpanFactory<A> {
  start(attributes: A, options?: SpanStartOptions): SpanHandle;
  /** Runs `fn` inside an active span (sync or async), records a failure and rethrows it, and ends the span. */
  trace<R>(attributes: A, fn: (span: SpanHandle) => R, options?: SpanStartOptions): R;
}

/** A package's typed instruments, made from its catalogue. */
export interface Instruments<C extends TelemetryCatalogue> {
  readonly metrics: { readonly [M in keyof C['metrics']]: Metric<MetricAttributes<C, M>, C['metrics'][M]['kind']> };
  readonly spans: { readonly [N in keyof C['spans']]: SpanFactory<SpanAttributes<C, N>> };
}

export interface BusinessMetricOptions {
  /** UCUM unit; default `1`. */
  readonly unit?: string;
  /** One sentence for whoever reads the dashboard. */
  readonly description?: string;
}

/** A user's own metric: attributes per call are looked up once and cached; bind with `series` in loops. */
export interface BusinessCounter<A extends Readonly<Record<string, string | number | boolean>>> {
  add(amount: number, attributes?: A): void;
  series(attributes: A): Counter & Registration;
}

/** The central object: made once at the composition root and passed explicitly. */
export interface Observability {
  readonly mode: Exclude<TelemetryMode, 'auto'>;
  readonly serviceName: string;
  detail: DetailLevel;
  /** The typed instruments of a package; the same catalogue gives the same instruments. */
  instruments<const C extends TelemetryCatalogue>(catalogue: C): Instruments<C>;
  /** Traces one operation by its name: the seed's `trace_operation`. */
  traceOperation<R>(
    name: string,
    attributes: Readonly<Record<string, string | number | boolean>>,
    fn: (span: SpanHandle) => R,
  ): R;
  /** A business counter, for example `observability.counter('orders_processed')`. */
  counter<A extends Readonly<Record<string, string | number | boolean>>>(
    name: string,
    options?: BusinessMetricOptions,
  ): BusinessCounter<A>;
  /** The span that is active where this is called, as a context to propagate. */
  activeContext(): TraceContext | undefined;
  /** Hands everything finished to exporters and the local store; resolves when they have it or `timeoutMs` has passed. */
  flush(timeoutMs?: number): Promise<void>;
  /** Flushes and stops within the deadline (default 3000 ms) and says what could not be delivered. Idempotent. */
  shutdown(timeoutMs?: number): Promise<ShutdownReport>;
}

export interface ShutdownReport {
  readonly delivered: { readonly spans: number; readonly points: number };
  /** Kept on disk: the next process that starts with the same store delivers it. */
  readonly spilled: { readonly spans: number; readonly points: number; readonly logs: number };
  readonly lost: readonly {
    readonly signal: 'spans' | 'points' | 'logs';
    readonly count: number;
    readonly cause: string;
  }[];
}
