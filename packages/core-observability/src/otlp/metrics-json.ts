import type { Exemplar, HistogramPoint, MetricPoint, MetricSnapshot, NumberPoint } from '../metrics/snapshot.js';
import { type JsonKeyValue, readAttributes, readTime, writeAttributes, writeTime } from './json-values.js';
import type { Resource } from './resource.js';

// opentelemetry.proto.metrics.v1.AggregationTemporality
const CUMULATIVE = 2;

interface JsonExemplar {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly traceId: string;
  readonly spanId: string;
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

/** Metric snapshots as one OTLP request. */
export function writeMetricsRequest(resource: Resource, snapshots: readonly MetricSnapshot[]): JsonMetricsRequest {
  const scopes = new Map<string, { scope: MetricSnapshot['scope']; metrics: JsonMetric[] }>();
  for (const snapshot of snapshots) {
    let group = scopes.get(snapshot.scope.name);
    if (group === undefined) {
      group = { scope: snapshot.scope, metrics: [] };
      scopes.set(snapshot.scope.name, group);
    }
    group.metrics.push(writeMetric(snapshot));
  }
  return {
    resourceMetrics: [{ resource: { attributes: writeAttributes(resource) }, scopeMetrics: [...scopes.values()] }],
  };
}

function writeMetric({ descriptor, points }: MetricSnapshot): JsonMetric {
  const { name, brief, unit, kind } = descriptor;
  const dataPoints = points.map((point) => (point.type === 'number' ? writeNumber(point) : writeHistogram(point)));
  const head = { name, description: brief, unit };
  switch (kind) {
    case 'counter':
      return { ...head, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
    case 'upDownCounter':
      return { ...head, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: false } };
    case 'gauge':
      return { ...head, gauge: { dataPoints } };
    case 'histogram':
      return { ...head, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
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
  const { sum, gauge, histogram } = metric;
  const kind = histogram ? 'histogram' : gauge ? 'gauge' : sum?.isMonotonic === false ? 'upDownCounter' : 'counter';
  const points = (histogram ?? gauge ?? sum)?.dataPoints ?? [];
  return {
    descriptor: { name: metric.name, kind, unit: metric.unit ?? '', brief: metric.description ?? '' },
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
  };
}

function readHead(point: JsonPoint): Pick<NumberPoint, 'attributes' | 'startTimeMs' | 'timeMs'> {
  return {
    attributes: readAttributes(point.attributes),
    startTimeMs: readTime(point.startTimeUnixNano),
    timeMs: readTime(point.timeUnixNano),
  };
}
