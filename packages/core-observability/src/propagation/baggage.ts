import type { HeaderCarrier } from '../tracing/trace-context.js';
import { header } from './trace-headers.js';

/** Names and values that travel with a trace. From outside they are untrusted: never attributes by themselves. */
export type Baggage = ReadonlyMap<string, string>;

// W3C Baggage: the limits that every participant must honour.
const MAX_MEMBERS = 64;
const MAX_BYTES = 8192;
const nameForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Writes the `baggage` header; members that do not fit 64 entries and 8192 bytes are left out. Gives how many were. */
export function injectBaggage(baggage: Baggage, carrier: HeaderCarrier): number {
  const kept: string[] = [];
  let bytes = 0;
  for (const [name, value] of baggage) {
    if (!nameForm.test(name)) continue;
    const member = `${name}=${encodeURIComponent(value)}`;
    bytes += member.length + 1;
    if (kept.length === MAX_MEMBERS || bytes > MAX_BYTES + 1) break;
    kept.push(member);
  }
  if (kept.length > 0) carrier.set('baggage', kept.join(','));
  return baggage.size - kept.length;
}

/** The baggage that a carrier brings, within the limits; malformed members are left out. */
export function extractBaggage(carrier: HeaderCarrier): Baggage {
  const members = new Map<string, string>();
  const text = header(carrier, 'baggage');
  if (text === undefined) return members;
  // The cut may split a member; what is left of it is dropped with everything behind it.
  const whole = text.length <= MAX_BYTES ? text : text.slice(0, text.lastIndexOf(',', MAX_BYTES));
  for (const part of whole.split(',')) {
    if (members.size === MAX_MEMBERS) break;
    // Properties behind ";" say how to treat a member; Sabot acts on none.
    const [pair = ''] = part.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    const value = decode(pair.slice(equals + 1).trim());
    if (nameForm.test(name) && value !== undefined) members.set(name, value);
  }
  return members;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
