import { isAscii, isUtf8 } from 'node:buffer';
import { bitAt } from '../batch/bits.js';
import type { Column, ColumnValues } from '../batch/column.js';
import { isValid } from '../batch/make-column.js';
import { malformed } from './malformed.js';

/** Offsets must start at 0 or later, never fall, and end inside the content. */
export function checkOffsets(name: string, offsets: Int32Array, rows: number, available: number): void {
  let before = offsets[0] as number;
  if (before < 0) throw malformed(`column "${name}" has a negative offset`);
  for (let row = 1; row <= rows; row++) {
    const offset = offsets[row] as number;
    if (offset < before) throw malformed(`column "${name}" has offsets that fall at row ${row - 1}`);
    before = offset;
  }
  if (before > available) throw malformed(`column "${name}" has offsets beyond its content`);
}

/** The content must be UTF-8, and every string must start at a character. */
export function checkText(name: string, bytes: Uint8Array, offsets: Int32Array, rows: number): void {
  const used = bytes.subarray(offsets[0], offsets[rows]);
  if (isAscii(used)) return;
  if (!isUtf8(used)) throw malformed(`column "${name}" holds invalid UTF-8`);
  for (let row = 0; row < rows; row++) {
    const start = offsets[row] as number;
    if (start < bytes.length && start < (offsets[rows] as number) && ((bytes[start] as number) & 0xc0) === 0x80) {
      throw malformed(`column "${name}" cuts a UTF-8 character at row ${row}`);
    }
  }
}

/** 64-bit offsets as 32-bit ones. */
export function narrowOffsets(name: string, pairs: Int32Array, rows: number): Int32Array {
  const narrow = new Int32Array(rows + 1);
  for (let row = 0; row <= rows; row++) {
    if (pairs[2 * row + 1] !== 0 || (pairs[2 * row] as number) < 0) {
      throw malformed(`column "${name}" has an offset beyond 2^31`);
    }
    narrow[row] = pairs[2 * row] as number;
  }
  return narrow;
}

/** Codes as 32-bit integers in new memory, −1 for null rows and for codes of a null word; each must name a word. */
export function checkDictionaryCodes(
  name: string,
  raw: ColumnValues,
  width: number,
  rows: number,
  validity: Uint8Array | null,
  words: Column,
): Int32Array {
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    if (validity !== null && bitAt(validity, row) === 0) {
      codes[row] = -1;
      continue;
    }
    const code = raw[row * width] as number;
    const beyond = width === 2 && raw[row * width + 1] !== 0;
    if (beyond || code < 0 || code >= words.length) {
      throw malformed(`column "${name}" has a code at row ${row} that its dictionary does not have`);
    }
    codes[row] = isValid(words, code) ? code : -1;
  }
  return codes;
}
