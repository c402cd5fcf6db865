import type { ExponentialDistribution, ExponentialSide } from '../metrics/exponential-buckets.js';
import type { Exemplar, HistogramPoint, MetricPoint, MetricSnapshot, NumberPoint } from '../metrics/snapshot.js';
import { type JsonKeyValue, readAttributes, readTime, writeAttributes, writeTime } from './json-values.js';
import type { Resource } from './resource.js';

// opentelemetry.proto.metrics.v1.AggregationTemporality
const DELTA = 1;
const CUMULATIVE = 2;

interface JsonExemplar {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly traceId: string;
  readonly spanId: string;
}

interface JsonSide {
  readonly offset: number;
  readonly bucketCounts: readonly string[];
}

interface JsonPoint {
  readonly attributes?: readonly JsonKeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly asInt?: string;
  readonly count?: string;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly string[];
  readonly exemplars?: readonly JsonExemplar[];
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly positive?: JsonSide;
  readonly negative?: JsonSide;
}

interface JsonPoints {
  readonly dataPoints: readonly JsonPoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

interface JsonMetric {
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly sum?: JsonPoints;
  readonly gauge?: JsonPoints;
  readonly histogram?: JsonPoints;
  readonly exponentialHistogram?: JsonPoints;
}

/** One `ExportMetricsServiceRequest` in OTLP/JSON. */
export interface JsonMetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource?: { readonly attributes?: readonly JsonKeyValue[] };
    readonly scopeMetrics?: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string };
      readonly metrics?: readonly JsonMetric[];
    }[];
  }[];
}

/** Metric snapshots as one OTLP request; histograms in the buckets asked for, as far as they have them. */
export function writeMetricsRequest(
  resource: Resource,
  snapshots: readonly MetricSnapshot[],
  buckets: 'explicit' | 'exponential' = 'explicit',
): JsonMetricsRequest {
  const scopes = new Map<string, { scope: MetricSnapshot['scope']; metrics: JsonMetric[] }>();
  for (const snapshot of snapshots) {
    let group = scopes.get(snapshot.scope.name);
    if (group === undefined) {
      group = { scope: snapshot.scope, metrics: [] };
      scopes.set(snapshot.scope.name, group);
    }
    group.metrics.push(writeMetric(snapshot, buckets === 'exponential'));
  }
  return {
    resourceMetrics: [{ resource: { attributes: writeAttributes(resource) }, scopeMetrics: [...scopes.values()] }],
  };
}

function writeMetric({ descriptor, temporality, points }: MetricSnapshot, preferExponential: boolean): JsonMetric {
  const { name, brief, unit, kind } = descriptor;
  const exponential = preferExponential && points.some((point) => point.type === 'histogram' && point.exponential);
  const dataPoints = points.map((point) => {
    if (point.type === 'number') return writeNumber(point);
    return exponential && point.exponential ? writeExponential(point, point.exponential) : writeHistogram(point);
  });
  const aggregationTemporality = temporality === 'delta' ? DELTA : CUMULATIVE;
  const head = { name, description: brief, unit };
  switch (kind) {
    case 'counter':
      return { ...head, sum: { dataPoints, aggregationTemporality, isMonotonic: true } };
    case 'upDownCounter':
      return { ...head, sum: { dataPoints, aggregationTemporality, isMonotonic: false } };
    case 'gauge':
      return { ...head, gauge: { dataPoints } };
    case 'histogram':
      return { ...head, [exponential ? 'exponentialHistogram' : 'histogram']: { dataPoints, aggregationTemporality } };
  }
}

function writeNumber(point: NumberPoint): JsonPoint {
  return { ...writeHead(point), asDouble: point.value };
}

function writeHistogram(point: HistogramPoint): JsonPoint {
  return {
    ...writeHead(point),
    count: String(point.count),
    sum: point.sum,
    ...(point.min === undefined || point.max === undefined ? {} : { min: point.min, max: point.max }),
    explicitBounds: point.boundaries,
    bucketCounts: point.bucketCounts.map(String),
    ...(point.exemplars.length === 0 ? {} : { exemplars: point.exemplars.map(writeExemplar) }),
  };
}

function writeExponential(point: HistogramPoint, buckets: ExponentialDistribution): JsonPoint {
  const side = ({ offset, counts }: ExponentialSide): JsonSide => ({ offset, bucketCounts: counts.map(String) });
  const { explicitBounds: _bounds, bucketCounts: _counts, ...head } = writeHistogram(point);
  return {
    ...head,
    scale: buckets.scale,
    zeroCount: String(buckets.zeroCount),
    positive: side(buckets.positive),
    negative: side(buckets.negative),
  };
}

function writeHead(point: MetricPoint): JsonPoint {
  return {
    attributes: writeAttributes(point.attributes),
    startTimeUnixNano: writeTime(point.startTimeMs),
    timeUnixNano: writeTime(point.timeMs),
  };
}

function writeExemplar({ value, timeMs, traceId, spanId }: Exemplar): JsonExemplar {
  return { timeUnixNano: writeTime(timeMs), asDouble: value, traceId, spanId };
}

/** A metric with the resource that emitted it. */
export interface ReceivedMetric extends MetricSnapshot {
  readonly resource: Resource;
}

/** The metrics of an OTLP request. */
export function readMetricsRequest(request: JsonMetricsRequest): readonly ReceivedMetric[] {
  return request.resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const attributes = readAttributes(resource?.attributes);
    return (scopeMetrics ?? []).flatMap(({ scope, metrics }) =>
      (metrics ?? []).map((metric) => ({
        resource: attributes,
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
        ...readMetric(metric),
      })),
    );
  });
}

function readMetric(metric: JsonMetric): Omit<MetricSnapshot, 'scope'> {
  const { sum, gauge } = metric;
  const histogram = metric.histogram ?? metric.exponentialHistogram;
  const read = histogram ?? gauge ?? sum;
  const kind = histogram ? 'histogram' : gauge ? 'gauge' : sum?.isMonotonic === false ? 'upDownCounter' : 'counter';
  const points = read?.dataPoints ?? [];
  return {
    descriptor: { name: metric.name, kind, unit: metric.unit ?? '', brief: metric.description ?? '' },
    ...(read?.aggregationTemporality === DELTA ? { temporality: 'delta' as const } : {}),
    points: points.map((point) => (kind === 'histogram' ? readHistogram(point) : readNumber(point))),
  };
}

function readNumber(point: JsonPoint): NumberPoint {
  return { type: 'number', ...readHead(point), value: point.asDouble ?? Number(point.asInt ?? 0) };
}

function readHistogram(point: JsonPoint): HistogramPoint {
  return {
    type: 'histogram',
    ...readHead(point),
    count: Number(point.count ?? 0),
    sum: point.sum ?? 0,
    ...(point.min === undefined || point.max === undefined ? {} : { min: point.min, max: point.max }),
    boundaries: point.explicitBounds ?? [],
    bucketCounts: (point.bucketCounts ?? []).map(Number),
    exemplars: (point.exemplars ?? []).map(({ timeUnixNano, asDouble, traceId, spanId }) => ({
      value: asDouble,
      timeMs: readTime(timeUnixNano),
      traceId,
      spanId,
    })),
    ...(point.scale === undefined ? {} : { exponential: readExponential(point, point.scale) }),
  };
}

function readExponential(point: JsonPoint, scale: number): ExponentialDistribution {
  const side = (read: JsonSide | undefined): ExponentialSide => ({
    offset: read?.offset ?? 0,
    counts: (read?.bucketCounts ?? []).map(Number),
  });
  return {
    scale,
    zeroCount: Number(point.zeroCount ?? 0),
    positive: side(point.positive),
    negative: side(point.negative),
  };
}

function readHead(point: JsonPoint): Pick<NumberPoint, 'attributes' | 'startTimeMs' | 'timeMs'> {
  return {
    attributes: readAttributes(point.attributes),
    startTimeMs: readTime(point.startTimeUnixNano),
    timeMs: readTime(point.timeUnixNano),
  };
}
