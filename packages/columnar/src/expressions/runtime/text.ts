import { decodeText } from '../../batch/column-value.js';
import { OUT } from './wide-math.js';

/**
 * String functions on runs of UTF-8 bytes. Those that make a new string return its bytes, its start in OUT[0] and its
 * end in OUT[1]; parts of a string are returned as parts, new ones are written to `scratch`, which `resetText` empties.
 */
let scratch = new Uint8Array(4096);
let used = 0;
const encoder = new TextEncoder();

/** Forgets the strings made for the row before. */
export function resetText(): number {
  used = 0;
  return 0;
}

/** Room for a new string in the scratch buffer: where it starts. */
export function reserve(count: number): number {
  if (used + count > scratch.length) {
    // Strings made before keep pointing to the old buffer, which stays as it is.
    scratch = new Uint8Array(Math.max(scratch.length * 2, count));
    used = 0;
  }
  const start = used;
  used += count;
  return start;
}

/** A string in the scratch buffer as a result. */
export function made(start: number, end: number): Uint8Array {
  OUT[0] = start;
  OUT[1] = end;
  return scratch;
}

function part(bytes: Uint8Array, start: number, end: number): Uint8Array {
  OUT[0] = start;
  OUT[1] = end;
  return bytes;
}

/** A JavaScript string as a result. */
export function store(text: string): Uint8Array {
  const start = reserve(text.length * 3);
  const end = start + encoder.encodeInto(text, scratch.subarray(start)).written;
  used = end;
  return made(start, end);
}

export function equalText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  const length = aEnd - aStart;
  if (length !== bEnd - bStart) return false;
  for (let k = 0; k < length; k++) if (a[aStart + k] !== b[bStart + k]) return false;
  return true;
}

/** Characters, not bytes: continuation bytes do not count. */
export function textLength(bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let i = start; i < end; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) length++;
  return length;
}

export function upperText(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (!isAscii(bytes, start, end)) return store(decodeText(bytes, start, end).toUpperCase());
  const at = reserve(end - start);
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    scratch[at + i - start] = byte >= 97 && byte <= 122 ? byte - 32 : byte;
  }
  return made(at, at + end - start);
}

export function lowerText(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (!isAscii(bytes, start, end)) return store(decodeText(bytes, start, end).toLowerCase());
  const at = reserve(end - start);
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    scratch[at + i - start] = byte >= 65 && byte <= 90 ? byte + 32 : byte;
  }
  return made(at, at + end - start);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] as number) > 127) return false;
  return true;
}

/** Without spaces at the start (`sides` 1), the end (2) or both (3). */
export function trimText(bytes: Uint8Array, start: number, end: number, sides: number): Uint8Array {
  let from = start;
  let to = end;
  if (sides & 1) while (from < to && bytes[from] === 32) from++;
  if (sides & 2) while (to > from && bytes[to - 1] === 32) to--;
  return part(bytes, from, to);
}

/** Characters `first` (counted from 0) to `first + length`; outside the string there is nothing. */
export function substringText(
  bytes: Uint8Array,
  start: number,
  end: number,
  first: number,
  length: number,
): Uint8Array {
  const from = skipCharacters(bytes, start, end, Math.max(0, first));
  const wanted = first < 0 ? length + first : length;
  return part(bytes, from, skipCharacters(bytes, from, end, Math.max(0, wanted)));
}

function skipCharacters(bytes: Uint8Array, start: number, end: number, count: number): number {
  let at = start;
  for (let left = count; left > 0 && at < end; left--) {
    at++;
    while (at < end && ((bytes[at] as number) & 0xc0) === 0x80) at++;
  }
  return at;
}

/** The position of `b` in `a`, or −1. */
function indexOf(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const length = bEnd - bStart;
  for (let at = aStart; at + length <= aEnd; at++) if (equalText(a, at, at + length, b, bStart, bEnd)) return at;
  return -1;
}

export function containsText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  return indexOf(a, aStart, aEnd, b, bStart, bEnd) >= 0;
}

export function startsText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  const end = aStart + bEnd - bStart;
  return end <= aEnd && equalText(a, aStart, end, b, bStart, bEnd);
}

export function endsText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  const start = aEnd - (bEnd - bStart);
  return start >= aStart && equalText(a, start, aEnd, b, bStart, bEnd);
}

export function concatText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): Uint8Array {
  const middle = aEnd - aStart;
  const at = reserve(middle + bEnd - bStart);
  for (let i = aStart; i < aEnd; i++) scratch[at + i - aStart] = a[i] as number;
  for (let i = bStart; i < bEnd; i++) scratch[at + middle + i - bStart] = b[i] as number;
  return made(at, at + middle + bEnd - bStart);
}

/** Every occurrence of `b` in `a` replaced by `c`; an empty `b` occurs nowhere. */
export function replaceText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
  c: Uint8Array,
  cStart: number,
  cEnd: number,
): Uint8Array {
  if (bEnd === bStart) return part(a, aStart, aEnd);
  const found = decodeText(b, bStart, bEnd);
  return store(decodeText(a, aStart, aEnd).replaceAll(found, () => decodeText(c, cStart, cEnd)));
}

/** The piece number `index` (from 0) between separators; empty when there are fewer. */
export function splitPartText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
  index: number,
): Uint8Array {
  const width = bEnd - bStart;
  let start = aStart;
  for (let piece = 0; ; piece++) {
    const at = width === 0 ? -1 : indexOf(a, start, aEnd, b, bStart, bEnd);
    if (piece === index) return part(a, start, at < 0 ? aEnd : at);
    if (at < 0) return part(a, aEnd, aEnd);
    start = at + width;
  }
}

/** SQL's LIKE over bytes: `%` is any run, `_` one character; `\` escapes. */
export function likeText(bytes: Uint8Array, start: number, end: number, pattern: Uint8Array): boolean {
  let at = start;
  let p = 0;
  let retryPattern = -1;
  let retryAt = 0;
  while (at < end) {
    const code = p < pattern.length ? (pattern[p] as number) : -1;
    if (code === 37) {
      retryPattern = ++p;
      retryAt = at;
    } else if (code === 95) {
      at = skipCharacters(bytes, at, end, 1);
      p++;
    } else if (code !== -1 && bytes[at] === (code === 92 ? pattern[p + 1] : code)) {
      at++;
      p += code === 92 ? 2 : 1;
    } else if (retryPattern >= 0) {
      retryAt = skipCharacters(bytes, retryAt, end, 1);
      at = retryAt;
      p = retryPattern;
    } else return false;
  }
  while (pattern[p] === 37) p++;
  return p >= pattern.length;
}

/** Whether a regular expression matches somewhere; makes a string of the row. */
export function matchesText(bytes: Uint8Array, start: number, end: number, pattern: RegExp): boolean {
  return pattern.test(decodeText(bytes, start, end));
}

/** What a capturing group of the first match holds; empty without a match. */
export function captureText(bytes: Uint8Array, start: number, end: number, pattern: RegExp, group: number): Uint8Array {
  return store(pattern.exec(decodeText(bytes, start, end))?.[group] ?? '');
}
