import { bitAt } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { layoutOf } from '../../schema/layout.js';

const SIGN = 0x80000000 | 0;
/** Bytes of a string that go into its words; the eighth is its length. */
const PREFIX = 7;

/** Values as unsigned 64-bit integers in two words, in the order of the values; rows that are null hold anything. */
export interface OrderWords {
  /** Null when all are 0. */
  readonly high: Int32Array | null;
  readonly low: Int32Array;
  /** Whether equal words mean equal values. */
  readonly exact: boolean;
}

/** The words of a column that has an order, most significant first; `rankWords` ranks the words of a dictionary. */
export function orderWords(column: Column, numRows: number, rankWords: (words: Column) => Int32Array): OrderWords[] {
  const layout = layoutOf(column.type);
  switch (layout.shape) {
    case 'fixed':
      return fixedWords(column, layout.width, numRows);
    case 'bits':
      return [narrow(numRows, (row) => bitAt(column.values as Uint8Array, column.bitOffset + row))];
    case 'codes':
      return [rankedCodes(column, rankWords(column.children[0] as Column), numRows)];
    default:
      return [prefixWords(column, numRows)];
  }
}

function fixedWords(column: Column, width: 1 | 2 | 4, numRows: number): OrderWords[] {
  const { values, type } = column;
  if (values instanceof Float64Array || values instanceof Float32Array) return [floatWords(values, numRows)];
  if (width === 1) {
    const sign = values instanceof Uint32Array ? 0 : SIGN;
    return [narrow(numRows, (row) => (values[row] as number) ^ sign)];
  }
  const words = values as Int32Array;
  if (width === 2) return [pairWords(words, 2, 0, type.kind === 'uint64' ? 0 : SIGN, numRows)];
  return [pairWords(words, 4, 2, SIGN, numRows), pairWords(words, 4, 0, 0, numRows)];
}

function narrow(numRows: number, wordAt: (row: number) => number): OrderWords {
  const low = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) low[row] = wordAt(row);
  return { high: null, low, exact: true };
}

function pairWords(words: Int32Array, width: number, first: number, sign: number, numRows: number): OrderWords {
  const low = new Int32Array(numRows);
  const high = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) {
    low[row] = words[width * row + first] as number;
    high[row] = (words[width * row + first + 1] as number) ^ sign;
  }
  return { high, low, exact: true };
}

const float = new Float64Array(1);
const floatBits = new Int32Array(float.buffer);

function floatWords(values: Float64Array | Float32Array, numRows: number): OrderWords {
  const low = new Int32Array(numRows);
  const high = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) {
    const value = values[row] as number;
    // Adding 0 makes −0 a 0; the one NaN is greater than all.
    float[0] = Number.isNaN(value) ? Number.NaN : value + 0;
    const upper = floatBits[1] as number;
    // Negative floats grow towards 0: their bits are turned round; the others get above them.
    const flip = upper >> 31;
    low[row] = (floatBits[0] as number) ^ flip;
    high[row] = upper ^ (flip | SIGN);
  }
  return { high, low, exact: true };
}

function rankedCodes(column: Column, ranks: Int32Array, numRows: number): OrderWords {
  const codes = column.values as Int32Array;
  const low = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) low[row] = ranks[codes[row] as number] as number;
  return { high: null, low, exact: true };
}

/** The first bytes after those that all strings share, and how many there are. */
function prefixWords(column: Column, numRows: number): OrderWords {
  const bytes = column.values as Uint8Array;
  const offsets = column.offsets as Int32Array;
  const shared = sharedPrefix(bytes, offsets, numRows);
  const low = new Int32Array(numRows);
  const high = new Int32Array(numRows);
  let longest = 0;
  for (let row = 0; row < numRows; row++) {
    const start = (offsets[row] as number) + shared;
    const length = (offsets[row + 1] as number) - start;
    if (length > longest) longest = length;
    const taken = Math.min(length, PREFIX);
    let upper = 0;
    let lower = 0;
    for (let k = 0; k < taken; k++) {
      const byte = bytes[start + k] as number;
      if (k < 4) upper |= byte << (24 - 8 * k);
      else lower |= byte << (56 - 8 * k);
    }
    high[row] = upper;
    low[row] = lower | (length > PREFIX ? PREFIX + 1 : length);
  }
  return { high, low, exact: longest <= PREFIX };
}

/** How many bytes all strings begin with alike. */
function sharedPrefix(bytes: Uint8Array, offsets: Int32Array, numRows: number): number {
  const first = offsets[0] as number;
  let shared = numRows === 0 ? 0 : (offsets[1] as number) - first;
  for (let row = 1; row < numRows && shared > 0; row++) {
    const start = offsets[row] as number;
    shared = Math.min(shared, (offsets[row + 1] as number) - start);
    let k = 0;
    while (k < shared && bytes[start + k] === bytes[first + k]) k++;
    shared = k;
  }
  return shared;
}
