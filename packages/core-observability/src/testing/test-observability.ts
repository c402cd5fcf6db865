import { assembleObservability } from '../assemble.js';
import { MetricRegistry } from '../metrics/metric-registry.js';
import type { MetricPoint, MetricSnapshot } from '../metrics/snapshot.js';
import type { DetailLevel, Observability } from '../observability.js';
import { FlightRecorder } from '../recorder/flight-recorder.js';
import { createLocalActivation } from '../tracing/local-activation.js';
import { createOwnSpanBackend } from '../tracing/own-backend.js';
import { ratioSampler } from '../tracing/sampling.js';
import type { Attributes, SpanRecord } from '../tracing/span-record.js';

export interface TestObservabilityOptions {
  /** Share of new traces that is kept; default 1. */
  readonly sampleRate?: number;
  /** Default `row`: everything. */
  readonly detail?: DetailLevel;
  readonly seriesLimit?: number;
}

/** A finished span as tests see it. */
export type TestSpan = SpanRecord;

/** One series now, with the name of its metric beside its values. */
export type TestPoint = MetricPoint & { readonly metric: string };

/** An observability that keeps everything in memory and nothing elsewhere; each one is independent of all others. */
export interface TestObservability extends Observability {
  /** The finished spans in the order they ended; only those of this name when one is given. */
  spans(name?: string): readonly TestSpan[];
  /** The children of a finished span, in the order they ended. */
  childrenOf(span: TestSpan): readonly TestSpan[];
  /** The series of all metrics, or of one by its OpenTelemetry name. */
  points(metric?: string): readonly TestPoint[];
  /** The value of one series: a counter's or gauge's value, a histogram's count; undefined when there is no such series. */
  value(metric: string, attributes?: Attributes): number | undefined;
  /** What exporters would serialise. */
  collect(): readonly MetricSnapshot[];
  readonly flightRecorder: FlightRecorder;
  /** Forgets the finished spans; metrics go on. */
  clearSpans(): void;
}

/** Makes an observability for assertions on the spans and points that code emits; needs no OpenTelemetry SDK. */
export function createTestObservability(options: TestObservabilityOptions = {}): TestObservability {
  const ended: SpanRecord[] = [];
  const flightRecorder = new FlightRecorder();
  const registry = new MetricRegistry(options.seriesLimit === undefined ? {} : { seriesLimit: options.seriesLimit });
  const core = assembleObservability({
    mode: 'sabot',
    serviceName: 'test',
    detail: options.detail ?? 'row',
    registry,
    backend: createOwnSpanBackend({
      sampler: ratioSampler(options.sampleRate ?? 1),
      sink: { ended: (span) => ended.push(span) },
      recorder: flightRecorder,
      activation: createLocalActivation(),
    }),
    flush: async () => undefined,
    shutdown: async () => ({
      delivered: { spans: ended.length, points: 0 },
      spilled: { spans: 0, points: 0, logs: 0 },
      lost: [],
    }),
  });
  const points = (metric?: string) => pointsOf(registry.collect(), metric);
  return Object.assign(core, {
    spans: (name?: string) => ended.filter((span) => name === undefined || span.name === name),
    childrenOf: (parent: TestSpan) => ended.filter((span) => span.parentSpanId === parent.spanId),
    points,
    value: (metric: string, attributes: Attributes = {}) => seriesSum(points(metric), attributes),
    collect: () => registry.collect(),
    flightRecorder,
    clearSpans: () => {
      ended.length = 0;
    },
  });
}

function pointsOf(snapshots: readonly MetricSnapshot[], metric: string | undefined): readonly TestPoint[] {
  return snapshots
    .filter(({ descriptor }) => metric === undefined || descriptor.name === metric)
    .flatMap(({ descriptor, points }) => points.map((point) => ({ ...point, metric: descriptor.name })));
}

/** The sum over the series that carry all the given attributes. */
function seriesSum(points: readonly TestPoint[], attributes: Attributes): number | undefined {
  const wanted = Object.entries(attributes);
  const matching = points.filter((point) => wanted.every(([name, value]) => point.attributes[name] === value));
  if (matching.length === 0) return undefined;
  return matching.reduce((sum, point) => sum + (point.type === 'number' ? point.value : point.count), 0);
}
