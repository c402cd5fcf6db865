import type { SpanKindName } from '../catalogue/catalogue.js';
import type { ScopeIdentity, SpanRecord, SpanStatus } from '../tracing/span-record.js';
import type { TraceContext } from '../tracing/trace-context.js';
import { type JsonKeyValue, readAttributes, readTime, writeAttributes, writeTime } from './json-values.js';
import type { Resource } from './resource.js';

interface JsonEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes?: readonly JsonKeyValue[];
}

interface JsonLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string | undefined;
  readonly flags?: number;
}

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string | undefined;
  readonly parentSpanId?: string | undefined;
  readonly flags?: number;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly JsonKeyValue[];
  readonly events?: readonly JsonEvent[];
  readonly droppedEventsCount?: number;
  readonly links?: readonly JsonLink[];
  readonly status?: { readonly code?: number; readonly message?: string | undefined };
}

interface JsonScope {
  readonly name?: string;
  readonly version?: string;
}

/** One `ExportTraceServiceRequest` in OTLP/JSON. */
export interface JsonTraceRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly JsonKeyValue[] };
    readonly scopeSpans?: readonly { readonly scope?: JsonScope; readonly spans?: readonly JsonSpan[] }[];
  }[];
}

// The numbers of opentelemetry.proto.trace.v1.Span.SpanKind and Status.StatusCode.
const kindNumbers: Readonly<Record<SpanKindName, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};
const kindNames: readonly SpanKindName[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];
const statusNumbers: Readonly<Record<SpanStatus['code'], number>> = { unset: 0, ok: 1, error: 2 };
const statusNames: readonly SpanStatus['code'][] = ['unset', 'ok', 'error'];

/** Finished spans as one OTLP request. */
export function writeTraceRequest(resource: Resource, spans: readonly SpanRecord[]): JsonTraceRequest {
  const scopes = new Map<string, { scope: ScopeIdentity; spans: JsonSpan[] }>();
  for (const span of spans) {
    let group = scopes.get(span.scope.name);
    if (group === undefined) {
      group = { scope: span.scope, spans: [] };
      scopes.set(span.scope.name, group);
    }
    group.spans.push(writeSpan(span));
  }
  return { resourceSpans: [{ resource: { attributes: writeAttributes(resource) }, scopeSpans: [...scopes.values()] }] };
}

function writeSpan(span: SpanRecord): JsonSpan {
  const { code, message } = span.status;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.traceState,
    parentSpanId: span.parentSpanId,
    flags: span.traceFlags,
    name: span.name,
    kind: kindNumbers[span.kind],
    startTimeUnixNano: writeTime(span.startTimeMs),
    endTimeUnixNano: writeTime(span.endTimeMs),
    attributes: writeAttributes(span.attributes),
    ...(span.events.length === 0 ? {} : { events: span.events.map(writeEvent) }),
    ...(span.droppedEvents === 0 ? {} : { droppedEventsCount: span.droppedEvents }),
    ...(span.links.length === 0 ? {} : { links: span.links.map(writeLink) }),
    status: code === 'unset' ? {} : { code: statusNumbers[code], message },
  };
}

function writeEvent({ name, timeMs, attributes }: SpanRecord['events'][number]): JsonEvent {
  return { timeUnixNano: writeTime(timeMs), name, attributes: writeAttributes(attributes) };
}

function writeLink({ traceId, spanId, traceFlags, traceState }: TraceContext): JsonLink {
  return { traceId, spanId, traceState, flags: traceFlags };
}

/** A span with the resource that emitted it. */
export interface ReceivedSpan extends SpanRecord {
  readonly resource: Resource;
}

/** The spans of an OTLP request. */
export function readTraceRequest(request: JsonTraceRequest): readonly ReceivedSpan[] {
  const spans: ReceivedSpan[] = [];
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const attributes = readAttributes(resource?.attributes);
    for (const { scope, spans: scoped } of scopeSpans ?? []) {
      const identity = { name: scope?.name ?? '', version: scope?.version ?? '' };
      for (const span of scoped ?? []) spans.push(readSpan(span, identity, attributes));
    }
  }
  return spans;
}

function readSpan(span: JsonSpan, scope: ScopeIdentity, resource: Resource): ReceivedSpan {
  const code = statusNames[span.status?.code ?? 0] ?? 'unset';
  const message = span.status?.message;
  return {
    resource,
    scope,
    name: span.name,
    kind: kindNames[span.kind ?? 1] ?? 'internal',
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
    traceFlags: span.flags ?? 0,
    traceState: span.traceState,
    startTimeMs: readTime(span.startTimeUnixNano),
    endTimeMs: readTime(span.endTimeUnixNano),
    attributes: readAttributes(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timeMs: readTime(event.timeUnixNano),
      attributes: readAttributes(event.attributes),
    })),
    droppedEvents: span.droppedEventsCount ?? 0,
    links: (span.links ?? []).map(readLink),
    status: message === undefined || message === '' ? { code } : { code, message },
  };
}

function readLink({ traceId, spanId, flags = 0, traceState }: JsonLink): TraceContext {
  return traceState === undefined || traceState === ''
    ? { traceId, spanId, traceFlags: flags }
    : { traceId, spanId, traceFlags: flags, traceState };
}
