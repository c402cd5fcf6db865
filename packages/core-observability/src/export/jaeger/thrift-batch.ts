import type { Resource } from '../../otlp/resource.js';
import type { Attributes, AttributeValue, SpanRecord } from '../../tracing/span-record.js';
import type { TraceContext } from '../../tracing/trace-context.js';
import { ThriftWriter } from './thrift-writer.js';

const STRING_TAG = 0;
const DOUBLE_TAG = 1;
const BOOL_TAG = 2;
const LONG_TAG = 3;
const FOLLOWS_FROM = 1;
const NO_PARENT = '0'.repeat(16);

/**
 * Spans as Jaeger's Thrift `Batch`, for collectors that only have the old endpoint.
 * Sources: jaeger-idl `jaeger.thrift` (the numbers are those of its fields); OpenTelemetry, "OpenTelemetry to Jaeger".
 */
export function encodeThriftBatch(resource: Resource, spans: readonly SpanRecord[]): Buffer {
  const writer = new ThriftWriter();
  const { 'service.name': service, ...rest } = resource;
  writer.struct(() => {
    writer.structField(1, () => {
      writer.string(1, String(service ?? ''));
      writeTags(writer, 2, rest);
    });
    writer.structList(2, spans, (span) => writeSpan(writer, span));
  });
  return writer.finish();
}

function writeSpan(writer: ThriftWriter, span: SpanRecord): void {
  writer.id64(1, span.traceId.slice(16));
  writer.id64(2, span.traceId.slice(0, 16));
  writer.id64(3, span.spanId);
  writer.id64(4, span.parentSpanId ?? NO_PARENT);
  writer.string(5, span.name);
  writer.structList(6, span.links, (link) => writeReference(writer, link));
  writer.i32(7, span.traceFlags);
  const startUs = Math.round(span.startTimeMs * 1000);
  writer.i64(8, startUs);
  writer.i64(9, Math.round(span.endTimeMs * 1000) - startUs);
  writeTags(writer, 10, { ...span.attributes, ...descriptionOf(span) });
  writer.structList(11, span.events, ({ name, timeMs, attributes }) => {
    writer.i64(1, Math.round(timeMs * 1000));
    writeTags(writer, 2, { event: name, ...attributes });
  });
}

/** What OpenTelemetry says beside attributes, in the tags that Jaeger understands. */
function descriptionOf({ kind, status, scope }: SpanRecord): Attributes {
  return {
    'span.kind': kind,
    'otel.scope.name': scope.name,
    ...(status.code === 'error' ? { error: true, 'otel.status_code': 'ERROR' } : {}),
    ...(status.message === undefined ? {} : { 'otel.status_description': status.message }),
  };
}

function writeReference(writer: ThriftWriter, { traceId, spanId }: TraceContext): void {
  writer.i32(1, FOLLOWS_FROM);
  writer.id64(2, traceId.slice(16));
  writer.id64(3, traceId.slice(0, 16));
  writer.id64(4, spanId);
}

function writeTags(writer: ThriftWriter, id: number, attributes: Attributes): void {
  writer.structList(id, Object.entries(attributes), ([key, value]) => writeTag(writer, key, value));
}

function writeTag(writer: ThriftWriter, key: string, value: AttributeValue): void {
  writer.string(1, key);
  if (typeof value === 'string') {
    writer.i32(2, STRING_TAG);
    writer.string(3, value);
  } else if (typeof value === 'boolean') {
    writer.i32(2, BOOL_TAG);
    writer.bool(5, value);
  } else if (Number.isSafeInteger(value)) {
    writer.i32(2, LONG_TAG);
    writer.i64(6, value);
  } else {
    writer.i32(2, DOUBLE_TAG);
    writer.double(4, value);
  }
}
