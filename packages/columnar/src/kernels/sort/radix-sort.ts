import type { ComposedKey } from './compose-key.js';

/** Rows that are sorted within the second cache; more are dealt into buckets first. */
const CACHED_ROWS = 16_384;
const DEAL_BITS = 10;
const DIGIT_BITS = 11;
const SHORT_DIGIT_BITS = 8;
const SHORT = 4096;

/**
 * The row numbers in the order of their keys; equal ones stay in order.
 *
 * Algorithm: many rows are dealt into 1024 buckets by the highest bits of the key, with the key, so that each bucket fits
 * the cache; each bucket is then sorted by counting, digit by digit from the lowest, moving 32 bits of the key and a
 * position at a time. Digits that are equal in the whole bucket are passed over.
 */
export function radixSort(key: ComposedKey, numRows: number): Int32Array {
  const rows = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) rows[row] = row;
  if (key.bits === 0) return rows;
  const lowest = 32 * key.words.length - key.bits;
  if (numRows <= CACHED_ROWS) {
    new BucketSorter(numRows).sort(key.words, rows, 0, numRows, lowest, 32);
    return rows;
  }
  const highest = 32 - Math.min(DEAL_BITS, key.bits);
  const { starts, words, order } = deal(key.words, numRows, highest);
  const buckets = starts.length - 1;
  let largest = 0;
  for (let b = 0; b < buckets; b++) largest = Math.max(largest, (starts[b + 1] as number) - (starts[b] as number));
  const sorter = new BucketSorter(largest);
  for (let b = 0; b < buckets; b++) {
    sorter.sort(words, order, starts[b] as number, starts[b + 1] as number, lowest, highest);
  }
  return order;
}

/** Moves keys and row numbers into buckets by the bits from `from` of the highest word. */
function deal(
  words: readonly Int32Array[],
  numRows: number,
  from: number,
): { starts: Int32Array; words: Int32Array[]; order: Int32Array } {
  const top = words[words.length - 1] as Int32Array;
  const starts = new Int32Array((1 << (32 - from)) + 1);
  for (let row = 0; row < numRows; row++) {
    const bucket = ((top[row] as number) >>> from) + 1;
    starts[bucket] = (starts[bucket] as number) + 1;
  }
  for (let b = 1; b < starts.length; b++) starts[b] = (starts[b] as number) + (starts[b - 1] as number);
  const next = starts.slice();
  const order = new Int32Array(numRows);
  const places = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) {
    const bucket = (top[row] as number) >>> from;
    const place = next[bucket] as number;
    next[bucket] = place + 1;
    places[row] = place;
    order[place] = row;
  }
  const dealt = words.map((word) => {
    const moved = new Int32Array(numRows);
    for (let row = 0; row < numRows; row++) moved[places[row] as number] = word[row] as number;
    return moved;
  });
  return { starts, words: dealt, order };
}

/** Sorts runs of rows by counting; its arrays are used for one run after the other. */
class BucketSorter {
  private keys: Int32Array;
  private spareKeys: Int32Array;
  private places: Int32Array;
  private sparePlaces: Int32Array;
  private readonly counts = new Int32Array(1 << DIGIT_BITS);

  constructor(largest: number) {
    this.keys = new Int32Array(largest);
    this.spareKeys = new Int32Array(largest);
    this.places = new Int32Array(largest);
    this.sparePlaces = new Int32Array(largest);
  }

  /** Puts `rows[start … end)` in order; bits below `lowest` of the first word and from `highest` of the last do not count. */
  sort(
    words: readonly Int32Array[],
    rows: Int32Array,
    start: number,
    end: number,
    lowest: number,
    highest: number,
  ): void {
    const count = end - start;
    if (count < 2) return;
    for (let i = 0; i < count; i++) this.places[i] = i;
    words.forEach((word, w) => {
      this.gather(word, start, count);
      this.sortWord(count, w === 0 ? lowest : 0, w === words.length - 1 ? highest : 32);
    });
    const { places, spareKeys } = this;
    for (let i = 0; i < count; i++) spareKeys[i] = rows[start + (places[i] as number)] as number;
    for (let i = 0; i < count; i++) rows[start + i] = spareKeys[i] as number;
  }

  private gather(word: Int32Array, start: number, count: number): void {
    const { keys, places } = this;
    for (let i = 0; i < count; i++) keys[i] = word[start + (places[i] as number)] as number;
  }

  private sortWord(count: number, lowest: number, highest: number): void {
    const digitBits = count < SHORT ? SHORT_DIGIT_BITS : DIGIT_BITS;
    const digits = Math.ceil((highest - lowest) / digitBits);
    if (digits <= 0) return;
    const width = Math.ceil((highest - lowest) / digits);
    for (let from = lowest; from < highest; from += width) {
      this.sortDigit(count, from, (1 << Math.min(width, highest - from)) - 1);
    }
  }

  private sortDigit(count: number, from: number, mask: number): void {
    const { keys, spareKeys, places, sparePlaces, counts } = this;
    counts.fill(0, 0, mask + 1);
    for (let i = 0; i < count; i++) {
      const digit = ((keys[i] as number) >>> from) & mask;
      counts[digit] = (counts[digit] as number) + 1;
    }
    if (counts[((keys[0] as number) >>> from) & mask] === count) return;
    let place = 0;
    for (let digit = 0; digit <= mask; digit++) {
      const size = counts[digit] as number;
      counts[digit] = place;
      place += size;
    }
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      const digit = (key >>> from) & mask;
      const to = counts[digit] as number;
      counts[digit] = to + 1;
      spareKeys[to] = key;
      sparePlaces[to] = places[i] as number;
    }
    this.keys = spareKeys;
    this.spareKeys = keys;
    this.places = sparePlaces;
    this.sparePlaces = places;
  }
}
