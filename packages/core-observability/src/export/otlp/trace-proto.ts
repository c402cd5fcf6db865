import type { Resource } from '../../otlp/resource.js';
import type { Attributes, ScopeIdentity, SpanRecord } from '../../tracing/span-record.js';
import { ProtoWriter } from './proto-writer.js';

// The numbers of opentelemetry.proto.trace.v1.Span.SpanKind and Status.StatusCode.
const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const statusCodes = { unset: 0, ok: 1, error: 2 } as const;

/** An `ExportTraceServiceRequest` in binary. Source: opentelemetry-proto 1.x; the numbers are those of its fields. */
export function encodeTraces(resource: Resource, spans: readonly SpanRecord[]): Buffer {
  const writer = new ProtoWriter();
  writer.message(1, () => {
    writeResource(writer, resource);
    for (const [scope, scoped] of groupByScope(spans)) {
      writer.message(2, () => {
        writeScope(writer, scope);
        for (const span of scoped) writer.message(2, () => writeSpan(writer, span));
      });
    }
  });
  return writer.finish();
}

function groupByScope(spans: readonly SpanRecord[]): ReadonlyMap<ScopeIdentity, readonly SpanRecord[]> {
  const names = new Map<string, ScopeIdentity>();
  const groups = new Map<ScopeIdentity, SpanRecord[]>();
  for (const span of spans) {
    const scope = names.get(span.scope.name) ?? span.scope;
    names.set(span.scope.name, scope);
    const group = groups.get(scope);
    if (group === undefined) groups.set(scope, [span]);
    else group.push(span);
  }
  return groups;
}

/** Field 1 of ResourceSpans and ResourceMetrics. */
export function writeResource(writer: ProtoWriter, resource: Resource): void {
  writer.message(1, () => writeAttributes(writer, 1, resource));
}

/** Field 1 of ScopeSpans and ScopeMetrics. */
export function writeScope(writer: ProtoWriter, scope: ScopeIdentity): void {
  writer.message(1, () => {
    writer.string(1, scope.name);
    writer.string(2, scope.version);
  });
}

function writeSpan(writer: ProtoWriter, span: SpanRecord): void {
  writer.hex(1, span.traceId);
  writer.hex(2, span.spanId);
  if (span.traceState !== undefined) writer.string(3, span.traceState);
  if (span.parentSpanId !== undefined) writer.hex(4, span.parentSpanId);
  writer.string(5, span.name);
  writer.uint32(6, kinds[span.kind]);
  writer.time(7, span.startTimeMs);
  writer.time(8, span.endTimeMs);
  writeAttributes(writer, 9, span.attributes);
  for (const { name, timeMs, attributes } of span.events) {
    writer.message(11, () => {
      writer.time(1, timeMs);
      writer.string(2, name);
      writeAttributes(writer, 3, attributes);
    });
  }
  writer.uint32(12, span.droppedEvents);
  for (const link of span.links) {
    writer.message(13, () => {
      writer.hex(1, link.traceId);
      writer.hex(2, link.spanId);
      if (link.traceState !== undefined) writer.string(3, link.traceState);
      writer.fixed32(6, link.traceFlags);
    });
  }
  writer.message(15, () => {
    if (span.status.message !== undefined) writer.string(2, span.status.message);
    writer.uint32(3, statusCodes[span.status.code]);
  });
  writer.fixed32(16, span.traceFlags);
}

/** A repeated `KeyValue`. */
export function writeAttributes(writer: ProtoWriter, field: number, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    writer.message(field, () => {
      writer.string(1, name);
      writer.message(2, () => {
        if (typeof value === 'string') writer.string(1, value);
        else if (typeof value === 'boolean') writer.bool(2, value);
        else if (Number.isSafeInteger(value)) writer.int64(3, value);
        else writer.double(4, value);
      });
    });
  }
}
