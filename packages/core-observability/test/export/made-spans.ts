import type { SpanRecord } from '../../src/tracing/span-record.js';

/** Distinct finished spans whose ids count up from `first`. */
export function madeSpans(count: number, first = 0): SpanRecord[] {
  return Array.from({ length: count }, (_, at) => spanNumber(first + at));
}

export function spanNumber(number: number): SpanRecord {
  const hex = (number + 1).toString(16);
  return {
    scope: { name: '@sabot/stream', version: '0.1.0' },
    name: 'process_batch',
    kind: 'consumer',
    traceId: hex.padStart(32, '0'),
    spanId: hex.padStart(16, '0'),
    parentSpanId: undefined,
    traceFlags: 1,
    traceState: undefined,
    startTimeMs: 1_790_000_000_000 + number,
    endTimeMs: 1_790_000_000_001.5 + number,
    attributes: { rows: 4096, pipeline: 'flights', ratio: 0.5, late: false },
    events: [],
    droppedEvents: 0,
    links: [],
    status: { code: 'unset' },
  };
}

/** The number of a span by its id in Base64, as a decoded request has it. */
export function numberOf(spanId: string): number {
  return Number.parseInt(Buffer.from(spanId, 'base64').toString('hex'), 16) - 1;
}
