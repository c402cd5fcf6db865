import type { HeaderCarrier, TraceContext } from '../tracing/trace-context.js';

// W3C Trace Context: version, 32, 16 and 2 lower-case hexadecimal digits; later versions may append fields.
const traceParentForm = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const memberForm = /^[a-z0-9][a-z0-9_\-*/]{0,240}(@[a-z][a-z0-9_\-*/]{0,13})?=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256}$/;
const MAX_STATE_MEMBERS = 32;
const MAX_STATE_LENGTH = 512;

/**
 * Writes `traceparent` and `tracestate` of a span's context into a carrier. A context without a valid id writes nothing.
 * Source: W3C Trace Context, level 1.
 */
export function injectContext(context: TraceContext, carrier: HeaderCarrier): void {
  const flags = (context.traceFlags & 0xff).toString(16).padStart(2, '0');
  const header = `00-${context.traceId}-${context.spanId}-${flags}`;
  if (!traceParentForm.test(header)) return;
  carrier.set('traceparent', header);
  if (context.traceState !== undefined && context.traceState !== '') carrier.set('tracestate', context.traceState);
}

/** The context that a carrier brings; undefined when there is none or it is malformed. Header names match in any case. */
export function extractContext(carrier: HeaderCarrier): TraceContext | undefined {
  const match = traceParentForm.exec(header(carrier, 'traceparent')?.trim() ?? '');
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, rest] = match as unknown as readonly [
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  // Version 00 has exactly four fields.
  if (version === '00' && rest !== undefined) return undefined;
  const traceState = readTraceState(header(carrier, 'tracestate'));
  const traceFlags = Number.parseInt(flags, 16);
  return traceState === undefined ? { traceId, spanId, traceFlags } : { traceId, spanId, traceFlags, traceState };
}

/** The value of a header whatever the case of its name: HTTP and NATS keep the sender's. */
export function header(carrier: HeaderCarrier, name: string): string | undefined {
  const exact = carrier.get(name);
  if (exact !== undefined) return exact;
  for (const key of carrier.keys()) if (key.toLowerCase() === name) return carrier.get(key);
  return undefined;
}

/** Whole members from the left while they are well formed and fit; a malformed member discards the whole list. */
function readTraceState(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const kept: string[] = [];
  let length = 0;
  for (const part of text.split(',')) {
    const member = part.trim();
    if (member === '') continue;
    if (!memberForm.test(member)) return undefined;
    length += member.length + 1;
    if (kept.length === MAX_STATE_MEMBERS || length > MAX_STATE_LENGTH + 1) break;
    kept.push(member);
  }
  return kept.length === 0 ? undefined : kept.join(',');
}
