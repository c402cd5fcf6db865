import { randomBytes } from 'node:crypto';
import { nowMs } from '../tracing/clock.js';
import type { SpanRecord } from '../tracing/span-record.js';
import { VERSION } from '../version.js';

/** A span of the doctor, in a trace of its own. */
export function testSpan(): SpanRecord {
  const now = nowMs();
  return {
    scope: { name: '@sabot/core-observability', version: VERSION },
    name: 'doctor',
    kind: 'internal',
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: undefined,
    traceFlags: 1,
    traceState: undefined,
    startTimeMs: now - 1,
    endTimeMs: now,
    attributes: { 'sabot.doctor': true },
    events: [],
    droppedEvents: 0,
    links: [],
    status: { code: 'ok' },
  };
}
