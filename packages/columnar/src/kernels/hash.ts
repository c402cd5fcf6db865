import type { Column } from '../batch/column.js';
import { isValid } from '../batch/make-column.js';
import { layoutOf } from '../schema/layout.js';

const NULL_HASH = 0x5bd1e995;
const NAN_HASH = 0x7ff80000;

/**
 * One 32-bit hash per row over all columns; equal rows hash equally.
 *
 * Stable: the same values give the same hash in every release, whatever the slice, the bit offset, or the encoding
 * (a dictionary column hashes as its strings). 0 and −0 are equal, as are all NaN; nulls have a hash of their own.
 * Method: MurmurHash3's 32-bit finaliser over the words of a value; its body over the bytes of strings.
 */
export function hashColumns(columns: readonly Column[], numRows: number, out?: Uint32Array): Uint32Array {
  const hashes = out ?? new Uint32Array(numRows);
  if (columns.length === 0) hashes.fill(0, 0, numRows);
  columns.forEach((column, i) => {
    if (i === 0) hashColumn(column, numRows, hashes);
    else combine(hashes, hashColumn(column, numRows, scratchFor(numRows)), numRows);
  });
  return hashes;
}

let scratch = new Uint32Array(0);

function scratchFor(numRows: number): Uint32Array {
  // Used only between two statements of one synchronous call; never for nested columns.
  if (scratch.length < numRows) scratch = new Uint32Array(Math.max(numRows, 8192));
  return scratch;
}

function combine(hashes: Uint32Array, more: Uint32Array, numRows: number): void {
  for (let i = 0; i < numRows; i++) {
    const hash = hashes[i] as number;
    hashes[i] = hash ^ ((more[i] as number) + 0x9e3779b9 + (hash << 6) + (hash >>> 2));
  }
}

function hashColumn(column: Column, numRows: number, out: Uint32Array): Uint32Array {
  const layout = layoutOf(column.type);
  switch (layout.shape) {
    case 'fixed':
      if (layout.width === 2) hashPairs(column.values as Int32Array, numRows, out);
      else if (layout.width === 4) hashQuads(column.values as Int32Array, numRows, out);
      else if (layout.array === Float64Array || layout.array === Float32Array) hashFloats(column, numRows, out);
      else hashIntegers(column, numRows, out);
      break;
    case 'bits':
      for (let i = 0; i < numRows; i++) out[i] = mixWord(bit(column, i) + 1);
      break;
    case 'bytes':
      hashBytes(column.values as Uint8Array, column.offsets as Int32Array, numRows, out);
      break;
    case 'codes':
      hashCodes(column, numRows, out);
      break;
    case 'list':
      hashLists(column, numRows, out);
      break;
    case 'struct':
      hashStructs(column, numRows, out);
      break;
  }
  if (column.validity !== null) for (let i = 0; i < numRows; i++) if (!isValid(column, i)) out[i] = NULL_HASH;
  return out;
}

function bit(column: Column, row: number): number {
  const position = column.bitOffset + row;
  return ((column.values[position >> 3] as number) >> (position & 7)) & 1;
}

/** MurmurHash3's finaliser: every input bit changes every output bit with probability one half. */
export function mixWord(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The hash of one 64-bit value given as two words. */
export function hashPair(low: number, high: number): number {
  return mixWord(low ^ Math.imul(mixWord(high), 0x9e3779b1));
}

function hashIntegers(column: Column, numRows: number, out: Uint32Array): void {
  const { values } = column;
  if (values instanceof Int32Array) for (let i = 0; i < numRows; i++) out[i] = mixWord(values[i] as number);
  else for (let i = 0; i < numRows; i++) out[i] = mixWord((values[i] as number) | 0);
}

function hashPairs(values: Int32Array, numRows: number, out: Uint32Array): void {
  for (let i = 0; i < numRows; i++) out[i] = hashPair(values[2 * i] as number, values[2 * i + 1] as number);
}

function hashQuads(values: Int32Array, numRows: number, out: Uint32Array): void {
  for (let i = 0; i < numRows; i++) {
    const low = hashPair(values[4 * i] as number, values[4 * i + 1] as number);
    out[i] = mixWord(low ^ Math.imul(hashPair(values[4 * i + 2] as number, values[4 * i + 3] as number), 0x9e3779b1));
  }
}

const float = new Float64Array(1);
const floatWords = new Int32Array(float.buffer);

/** The hash of a float: 0 and −0 are equal, as are all NaN. */
export function hashNumber(value: number): number {
  float[0] = value + 0;
  if (value === 0) return 0;
  return Number.isNaN(value) ? NAN_HASH : hashPair(floatWords[0] as number, floatWords[1] as number);
}

function hashFloats(column: Column, numRows: number, out: Uint32Array): void {
  const { values } = column;
  for (let i = 0; i < numRows; i++) {
    const value = values[i] as number;
    float[0] = value + 0;
    out[i] =
      value === 0 ? 0 : Number.isNaN(value) ? NAN_HASH : hashPair(floatWords[0] as number, floatWords[1] as number);
  }
}

function hashBytes(bytes: Uint8Array, offsets: Int32Array, numRows: number, out: Uint32Array): void {
  let start = offsets[0] as number;
  for (let i = 0; i < numRows; i++) {
    const end = offsets[i + 1] as number;
    out[i] = hashSpan(bytes, start, end);
    start = end;
  }
}

/** MurmurHash3 (x86, 32 bit, seed 0) of a run of bytes. */
export function hashSpan(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    hash ^= scramble(word);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let shift = 0; i < end; i++, shift += 8) tail |= (bytes[i] as number) << shift;
  return mixWord(hash ^ scramble(tail) ^ (end - start)) >>> 0;
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

const wordHashes = new WeakMap<Column, Uint32Array>();

function hashCodes(column: Column, numRows: number, out: Uint32Array): void {
  const words = column.children[0] as Column;
  let known = wordHashes.get(words);
  if (known === undefined) {
    known = new Uint32Array(words.length);
    hashBytes(words.values as Uint8Array, words.offsets as Int32Array, words.length, known);
    wordHashes.set(words, known);
  }
  for (let i = 0; i < numRows; i++) out[i] = known[column.values[i] as number] as number;
}

function hashLists(column: Column, numRows: number, out: Uint32Array): void {
  const items = column.children[0] as Column;
  const hashes = hashColumn(items, items.length, new Uint32Array(items.length));
  const offsets = column.offsets as Int32Array;
  for (let i = 0; i < numRows; i++) {
    let hash = 1;
    for (let item = offsets[i] as number; item < (offsets[i + 1] as number); item++) {
      hash = Math.imul(hash ^ (hashes[item] as number), 0x9e3779b1) + 1;
    }
    out[i] = mixWord(hash);
  }
}

function hashStructs(column: Column, numRows: number, out: Uint32Array): void {
  out.fill(1, 0, numRows);
  for (const child of column.children) combine(out, hashColumn(child, numRows, new Uint32Array(numRows)), numRows);
}
