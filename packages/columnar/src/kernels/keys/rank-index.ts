import { KeyRange } from './key-range.js';

/** Places that the index may have per row; its 8 bytes per 32 places are then no more than a hash table would take. */
const PLACES_PER_ROW = 96;
const FEW_PLACES = 65_536;

/**
 * Finds rows by 64-bit integer keys of a limited range.
 *
 * Algorithm: one bit per possible key, and beside every 32 of them the number of bits set before: a key's rank among
 * the keys there are. So a probe that finds nothing reads one word of a small table, and one that does finds its rows
 * under the rank.
 * State: a quarter of a byte per possible key, 4 bytes per row (8 where keys repeat).
 */
export class RankIndex {
  /** For 32 possible keys each: bits, then the rank of the first. */
  readonly table: Int32Array;
  /** The row of each rank, or with repeated keys all rows by rank. */
  readonly rows: Int32Array;
  /** Rows of rank r: `rows[starts[r] … starts[r + 1])`; null when no key repeats, and rank r has `rows[r]`. */
  readonly starts: Int32Array | null;
  private readonly range: number;
  private readonly baseLow: number;
  private readonly baseHigh: number;

  private constructor(words: Int32Array, selection: Int32Array | null, count: number, range: KeyRange) {
    this.range = range.span();
    this.baseLow = range.leastLow;
    this.baseHigh = range.leastHigh;
    this.table = new Int32Array(2 * (((this.range + 31) >>> 5) + 1));
    const keys = this.mark(words, selection, count);
    const ranks = new Int32Array(keys === count ? 0 : count);
    this.rows = new Int32Array(count);
    if (keys === count) {
      this.starts = null;
      this.placeUnique(words, selection, count);
    } else this.starts = this.placeRepeated(words, selection, count, keys, ranks);
  }

  /** The index of rows 0 … count − 1, or those selected; null when the keys are spread too far for it. */
  static of(words: Int32Array, selection: Int32Array | null, count: number): RankIndex | null {
    const range = new KeyRange();
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      range.add(words[2 * row] as number, words[2 * row + 1] as number);
    }
    const fits = range.span() <= Math.max(FEW_PLACES, PLACES_PER_ROW * count);
    return fits ? new RankIndex(words, selection, count, range) : null;
  }

  get bytes(): number {
    return this.table.byteLength + this.rows.byteLength + (this.starts?.byteLength ?? 0);
  }

  /** Writes the rank of keys `first … first + count − 1` to `out`, −1 for keys that are not there. */
  find(words: Int32Array, first: number, count: number, out: Int32Array): void {
    const { table, range, baseLow, baseHigh } = this;
    for (let i = 0; i < count; i++) {
      let place = ((words[2 * (first + i)] as number) - baseLow) >>> 0;
      // The word after the last has no bits.
      if (place >= range || words[2 * (first + i) + 1] !== baseHigh) place = range + 31;
      const word = (place >>> 5) << 1;
      const bits = table[word] as number;
      const rank = (table[word + 1] as number) + onesOf(bits & ((1 << (place & 31)) - 1));
      // found ? rank : -1, without a branch: whether a key is there is what no processor can foresee.
      const found = -((bits >>> (place & 31)) & 1);
      out[i] = (rank & found) | ~found;
    }
  }

  private rankOf(low: number): number {
    const place = (low - this.baseLow) >>> 0;
    const word = (place >>> 5) << 1;
    return (this.table[word + 1] as number) + onesOf((this.table[word] as number) & ((1 << (place & 31)) - 1));
  }

  /** Sets the bits and counts the ranks; returns how many keys there are. */
  private mark(words: Int32Array, selection: Int32Array | null, count: number): number {
    const { table, baseLow } = this;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      const place = ((words[2 * row] as number) - baseLow) >>> 0;
      const word = (place >>> 5) << 1;
      table[word] = (table[word] as number) | (1 << (place & 31));
    }
    let rank = 0;
    for (let word = 0; word < table.length; word += 2) {
      table[word + 1] = rank;
      rank += onesOf(table[word] as number);
    }
    return rank;
  }

  private placeUnique(words: Int32Array, selection: Int32Array | null, count: number): void {
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      this.rows[this.rankOf(words[2 * row] as number)] = row;
    }
  }

  private placeRepeated(
    words: Int32Array,
    selection: Int32Array | null,
    count: number,
    keys: number,
    ranks: Int32Array,
  ): Int32Array {
    for (let i = 0; i < count; i++) {
      ranks[i] = this.rankOf(words[2 * (selection === null ? i : (selection[i] as number))] as number);
    }
    const starts = startsOf(ranks, count, keys);
    placeRows(ranks, selection, count, starts, this.rows);
    return starts;
  }
}

/** Where the rows of each number start, when rows are laid out by number. */
export function startsOf(numbers: Int32Array, count: number, size: number): Int32Array {
  const starts = new Int32Array(size + 1);
  for (let i = 0; i < count; i++)
    starts[(numbers[i] as number) + 1] = (starts[(numbers[i] as number) + 1] as number) + 1;
  for (let number = 0; number < size; number++) {
    starts[number + 1] = (starts[number + 1] as number) + (starts[number] as number);
  }
  return starts;
}

/** Lays rows out by number; rows of equal number stay in order. */
export function placeRows(
  numbers: Int32Array,
  selection: Int32Array | null,
  count: number,
  starts: Int32Array,
  rows: Int32Array,
): void {
  const next = starts.slice();
  for (let i = 0; i < count; i++) {
    const number = numbers[i] as number;
    const at = next[number] as number;
    next[number] = at + 1;
    rows[at] = selection === null ? i : (selection[i] as number);
  }
}

/** How many bits are set: sums of neighbouring bits, then of pairs, of fours, and of bytes by one multiplication. */
function onesOf(bits: number): number {
  let ones = bits - ((bits >>> 1) & 0x55555555);
  ones = (ones & 0x33333333) + ((ones >>> 2) & 0x33333333);
  return Math.imul((ones + (ones >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
