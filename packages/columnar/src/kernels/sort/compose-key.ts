import type { Column } from '../../batch/column.js';
import { isValid } from '../../batch/make-column.js';
import { type OrderWords, orderWords } from './order-words.js';
import type { SortOrder } from './sort-order.js';

/** Keys of all rows as unsigned integers of `bits` bits, in words of 32. */
export interface ComposedKey {
  /** Least significant first; the keys stand at the top of the last word, the `32 × words − bits` lowest bits are 0. */
  readonly words: readonly Int32Array[];
  readonly bits: number;
  /** Whether equal keys mean equal rows in all columns. */
  readonly exact: boolean;
}

/** Some bits of the key: `(high, low)` less the least one, or the greatest one less it, without what is always 0. */
interface Part {
  readonly high: Int32Array | null;
  readonly low: Int32Array;
  readonly nulls: Column | null;
  readonly descending: boolean;
  readonly leastHigh: number;
  readonly leastLow: number;
  readonly mostHigh: number;
  readonly mostLow: number;
  readonly shift: number;
  readonly bits: number;
}

/**
 * Composes sort columns into one unsigned integer per row that orders like them.
 *
 * Algorithm: every column becomes an integer of as many bits as its range needs; a column with nulls has a bit above it.
 * Columns after a string that is longer than its prefix are left out, and the key is then not exact.
 */
export function composeKey(
  columns: readonly Column[],
  orders: readonly SortOrder[],
  numRows: number,
  rankWords: (words: Column) => Int32Array,
): ComposedKey {
  const parts: Part[] = [];
  let exact = true;
  for (let k = 0; exact && k < columns.length; k++) {
    const column = columns[k] as Column;
    const order = orders[k] ?? {};
    if (column.validity !== null) parts.push(nullPart(column, numRows, order.nullsFirst === true));
    for (const words of orderWords(column, numRows, rankWords)) {
      parts.push(valuePart(words, column, numRows, order.descending === true));
      exact = words.exact;
    }
  }
  const bits = parts.reduce((sum, part) => sum + part.bits, 0);
  const words = Array.from({ length: Math.ceil(bits / 32) }, () => new Int32Array(numRows));
  let position = 32 * words.length;
  for (const part of parts) {
    position -= part.bits;
    if (part.bits > 0) putPart(part, words, position, numRows);
  }
  return { words, bits, exact };
}

function nullPart(column: Column, numRows: number, nullsFirst: boolean): Part {
  const low = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) low[row] = isValid(column, row) === nullsFirst ? 1 : 0;
  return { ...NOTHING, low, mostLow: 1, bits: 1 };
}

const NOTHING = {
  high: null,
  nulls: null,
  descending: false,
  leastHigh: 0,
  leastLow: 0,
  mostHigh: 0,
  mostLow: 0,
  shift: 0,
};

/** Finds the range of the values that are not null, and the lowest bits in which they all agree. */
function valuePart(words: OrderWords, column: Column, numRows: number, descending: boolean): Part {
  const { high, low } = words;
  const nulls = column.validity === null ? null : column;
  let leastHigh = 0xffffffff;
  let leastLow = 0xffffffff;
  let mostHigh = 0;
  let mostLow = 0;
  let first = -1;
  let differHigh = 0;
  let differLow = 0;
  for (let row = 0; row < numRows; row++) {
    if (nulls !== null && !isValid(nulls, row)) continue;
    if (first < 0) first = row;
    const h = high === null ? 0 : (high[row] as number) >>> 0;
    const l = (low[row] as number) >>> 0;
    if (h < leastHigh || (h === leastHigh && l < leastLow)) {
      leastHigh = h;
      leastLow = l;
    }
    if (h > mostHigh || (h === mostHigh && l > mostLow)) {
      mostHigh = h;
      mostLow = l;
    }
    if (high !== null) differHigh |= (high[row] as number) ^ (high[first] as number);
    differLow |= (low[row] as number) ^ (low[first] as number);
  }
  const base = { high, low, nulls, descending, leastHigh, leastLow, mostHigh, mostLow };
  if ((differHigh | differLow) === 0) return { ...base, shift: 0, bits: 0 };
  const shift = differLow === 0 ? 32 + trailingZeros(differHigh) : trailingZeros(differLow);
  const spanHigh = mostHigh - leastHigh - (mostLow < leastLow ? 1 : 0);
  const width = spanHigh > 0 ? 64 - Math.clz32(spanHigh) : 32 - Math.clz32(mostLow - leastLow);
  return { ...base, shift, bits: width - shift };
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Puts a part's bits at a position of the key. */
function putPart(part: Part, words: readonly Int32Array[], position: number, numRows: number): void {
  const { high, low, nulls, descending, shift } = part;
  const fromHigh = descending ? part.mostHigh : part.leastHigh;
  const fromLow = (descending ? part.mostLow : part.leastLow) | 0;
  const sign = descending ? -1 : 1;
  const at = position & 31;
  const target = words[position >> 5] as Int32Array;
  const next = at + part.bits > 32 ? (words[(position >> 5) + 1] as Int32Array) : null;
  const last = at + part.bits > 64 ? (words[(position >> 5) + 2] as Int32Array) : null;
  for (let row = 0; row < numRows; row++) {
    if (nulls !== null && !isValid(nulls, row)) continue;
    const l = low[row] as number;
    const h = high === null ? 0 : (high[row] as number);
    const borrow = (descending ? fromLow >>> 0 < l >>> 0 : l >>> 0 < fromLow >>> 0) ? 1 : 0;
    let lower = Math.imul(l - fromLow, sign);
    let upper = Math.imul((h - fromHigh) | 0, sign) - borrow;
    if (shift >= 32) {
      lower = upper >>> (shift - 32);
      upper = 0;
    } else if (shift > 0) {
      lower = (lower >>> shift) | (upper << (32 - shift));
      upper >>>= shift;
    }
    target[row] = (target[row] as number) | (lower << at);
    if (next !== null) next[row] = (next[row] as number) | (upper << at) | (at === 0 ? 0 : lower >>> (32 - at));
    if (last !== null) last[row] = (last[row] as number) | (upper >>> (32 - at));
  }
}
