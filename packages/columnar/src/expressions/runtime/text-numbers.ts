import { decodeText } from '../../batch/column-value.js';
import { made, reserve, store } from './text.js';
import { OUT } from './wide-math.js';

/** The text of any value, as JavaScript writes it; nothing is empty. */
export function textOf(value: unknown): Uint8Array {
  return store(value == null ? '' : String(value));
}

/** The text of a number, as JavaScript writes it. */
export function numberText(value: number): Uint8Array {
  return store(Object.is(value, -0) ? '-0' : String(value));
}

export function boolText(value: number | boolean): Uint8Array {
  return store(value ? 'true' : 'false');
}

const DIGITS = new Uint8Array(24);

/** The decimal digits of a 64-bit integer, by division of its halves. */
export function wideText(low: number, high: number, unsigned: number): Uint8Array {
  const negative = unsigned === 0 && high < 0;
  let restLow = (negative ? -low : low) >>> 0;
  let restHigh = (negative ? ~high + (low === 0 ? 1 : 0) : high) >>> 0;
  let at = DIGITS.length;
  do {
    const quotientHigh = Math.floor(restHigh / 10);
    const carried = (restHigh - quotientHigh * 10) * 4294967296 + restLow;
    const quotientLow = Math.floor(carried / 10);
    DIGITS[--at] = 48 + (carried - quotientLow * 10);
    restHigh = quotientHigh;
    restLow = quotientLow;
  } while (restHigh !== 0 || restLow !== 0);
  if (negative) DIGITS[--at] = 45;
  const length = DIGITS.length - at;
  const start = reserve(length);
  const bytes = made(start, start + length);
  for (let i = 0; i < length; i++) bytes[start + i] = DIGITS[at + i] as number;
  return bytes;
}

/** The number that a text means, NaN with OUT[0] = 1 when it means none. */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  const text = decodeText(bytes, start, end).trim();
  const special = /^[+-]?(nan|inf(inity)?)$/i.exec(text);
  const value = special === null ? Number(text) : specialNumber(text.toLowerCase());
  OUT[0] = special === null && (text === '' || Number.isNaN(value) || /^[+-]?0[xob]/i.test(text)) ? 1 : 0;
  return value;
}

function specialNumber(text: string): number {
  if (text.includes('nan')) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The 64-bit integer that a text means: low word, OUT[0] the high one, OUT[1] = 1 when it means none in range. */
export function parseWide(bytes: Uint8Array, start: number, end: number, unsigned: number): number {
  let at = start;
  while (at < end && bytes[at] === 32) at++;
  let to = end;
  while (to > at && bytes[to - 1] === 32) to--;
  const negative = bytes[at] === 45;
  if (negative || bytes[at] === 43) at++;
  OUT[1] = at === to ? 1 : 0;
  let low = 0;
  let high = 0;
  for (; at < to; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) OUT[1] = 1;
    const product = low * 10 + digit;
    high = high * 10 + Math.floor(product / 4294967296);
    low = product % 4294967296;
    if (high >= 4294967296) OUT[1] = 1;
    if (OUT[1] === 1) return 0;
  }
  const limit = unsigned === 1 ? 4294967296 : 2147483648;
  const atEdge = negative && unsigned === 0 && high === limit && low === 0;
  if ((high >= limit && !atEdge) || (negative && unsigned === 1 && (high !== 0 || low !== 0))) OUT[1] = 1;
  OUT[0] = (negative ? ~high + (low === 0 ? 1 : 0) : high) | 0;
  return (negative ? -low : low) | 0;
}

/** Whether a text is true or false: 1 or 0, and 2 for neither. */
export function parseBool(bytes: Uint8Array, start: number, end: number): number {
  const text = decodeText(bytes, start, end).trim().toLowerCase();
  if (text === 'true' || text === 't' || text === '1') return 1;
  return text === 'false' || text === 'f' || text === '0' ? 0 : 2;
}
