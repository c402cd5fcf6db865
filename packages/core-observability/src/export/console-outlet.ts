import type { SpanRecord } from '../tracing/span-record.js';
import { DeliveryLedger } from './delivery-ledger.js';
import type { Outlet } from './outlet.js';

/** Prints finished spans for people, one line each: time, duration, name, attributes, trace. */
export function createConsoleOutlet(print: (line: string) => void = writeError): Outlet {
  const ledger = new DeliveryLedger();
  return {
    name: 'console',
    ledger,
    acceptSpans(spans) {
      ledger.accepted.spans += spans.length;
      for (const span of spans) print(spanLine(span));
      ledger.delivered.spans += spans.length;
    },
    // Hundreds of series every few seconds are unreadable: metrics are for the store and for Prometheus.
    acceptPoints: () => undefined,
    flush: async () => undefined,
    close: async () => undefined,
  };
}

// Standard error, so that a program's own output can still be piped.
function writeError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** One span as a line. */
export function spanLine(span: SpanRecord): string {
  const time = new Date(span.startTimeMs).toISOString().slice(11, 23);
  const duration = readableDuration(span.endTimeMs - span.startTimeMs).padStart(8);
  const attributes = Object.entries(span.attributes).map(([name, value]) => `${name}=${value}`);
  const failure = span.status.code === 'error' ? [`ERROR ${span.status.message ?? ''}`.trim()] : [];
  return [time, duration, span.name, ...failure, ...attributes, `trace=${span.traceId}`].join(' ');
}

/** Milliseconds in the unit that reads best: `420µs`, `3.21ms`, `1.50s`. */
export function readableDuration(durationMs: number): string {
  if (durationMs < 1) return `${Math.round(durationMs * 1000)}µs`;
  if (durationMs < 1000) return `${durationMs.toPrecision(3)}ms`;
  return `${(durationMs / 1000).toFixed(2)}s`;
}
