import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { SpanKindName } from '../catalogue/catalogue.js';
import { fromApiContext } from '../tracing/api-context.js';
import type { SpanRecord } from '../tracing/span-record.js';
import { plainAttributes } from './api-span-view.js';

const kindNames: Readonly<Record<SpanKind, SpanKindName>> = {
  [SpanKind.INTERNAL]: 'internal',
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
  [SpanKind.PRODUCER]: 'producer',
  [SpanKind.CONSUMER]: 'consumer',
};
const statusNames = {
  [SpanStatusCode.UNSET]: 'unset',
  [SpanStatusCode.OK]: 'ok',
  [SpanStatusCode.ERROR]: 'error',
} as const;

/** A span of the SDK in the form that Sabot's exporters serialise. */
export function toRecord(span: ReadableSpan): SpanRecord {
  const context = fromApiContext(span.spanContext());
  const { code, message } = span.status;
  return {
    scope: { name: span.instrumentationScope.name, version: span.instrumentationScope.version ?? '' },
    name: span.name,
    kind: kindNames[span.kind],
    traceId: context.traceId,
    spanId: context.spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    traceFlags: context.traceFlags,
    traceState: context.traceState,
    startTimeMs: toMs(span.startTime),
    endTimeMs: toMs(span.endTime),
    attributes: plainAttributes(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timeMs: toMs(event.time),
      attributes: plainAttributes(event.attributes ?? {}),
    })),
    droppedEvents: span.droppedEventsCount,
    links: span.links.map((link) => fromApiContext(link.context)),
    status: message === undefined ? { code: statusNames[code] } : { code: statusNames[code], message },
  };
}

function toMs([seconds, nanos]: readonly [number, number]): number {
  return seconds * 1000 + nanos / 1e6;
}
