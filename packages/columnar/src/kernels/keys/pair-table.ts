import { KeyRange } from './key-range.js';

const INITIAL_SLOTS = 64;
const SMALL_RANGE = 16_384;
/** Keys looked at before the range is widened. */
const LOOK_AHEAD = 16_384;
/** Slot words that the second cache holds; beyond, slots are fetched ahead of the search, so many at a time. */
const CACHED_SLOT_WORDS = 65_536;
const FETCHED = 256;
/** Up to here slots grow fourfold, then twofold. */
const FEW_KEYS = 262_144;
/** A dense table may have this many places per key before it is given up. */
const PLACES_PER_KEY = 4;

/** What is known of the keys before they come; only time and memory depend on it. */
export interface ExpectedKeys {
  /** So many keys find room at once where they need slots. Default 0. */
  readonly keys?: number;
  /** So many rows will come in all: a range of as many keys is addressed directly. Default 0. */
  readonly rows?: number;
}

/**
 * Numbers distinct 64-bit keys, given as (low, high) pairs of words, in order of appearance; null is a key of its own.
 *
 * Algorithm: while the keys seen lie in a small range (and share their high word), a place per possible key (`dense`); else open addressing with
 * linear probing, the key itself beside its number in the slot, so that a probe touches one cache line.
 * State: 8 bytes per key, and 4 per place or 16 per slot (at most 11/16 of them are taken).
 */
export class PairTable {
  size = 0;
  /** The keys by number: low, high. The null's are 0. */
  words = new Int32Array(32);
  /** The number of null, −1 while there was none. */
  nullId = -1;
  /** Number + 1 by distance from the least key; null when the keys are spread too far and `slots` counts. */
  private dense: Int32Array | null = new Int32Array(0);
  private baseLow = 0;
  private baseHigh = 0;
  private range = new KeyRange();
  /** Low, high, number + 1, unused. */
  private slots = new Int32Array(0);
  /** How far a hash is shifted right to be a slot number. */
  private shift = 32;
  /** Keeps the reads of `fetch` from being optimised away. */
  protected fetched = 0;

  private readonly expected: ExpectedKeys;

  constructor(expected: ExpectedKeys = {}) {
    this.expected = expected;
  }

  get bytes(): number {
    return this.words.byteLength + this.slots.byteLength + (this.dense?.byteLength ?? 0);
  }

  /** Writes the number of keys 0 … count − 1 to `out` from `at`; new keys get the next numbers. */
  assign(words: Int32Array, nulls: Uint8Array | null, count: number, out: Int32Array, at: number): void {
    this.reserve(this.size + 1);
    let done = 0;
    while (done < count) {
      const dense = this.dense;
      if (dense === null) {
        this.assignHashed(words, nulls, done, count, out, at);
        return;
      }
      done = this.assignDense(dense, words, nulls, done, count, out, at);
      if (done < count) this.makeRoom(words, nulls, done, count);
    }
  }

  /** As `assign`; unknown keys give −1 and nothing is added. */
  find(words: Int32Array, nulls: Uint8Array | null, count: number, out: Int32Array, at: number): void {
    if (this.dense === null) this.findHashed(words, count, out, at);
    else this.findDense(words, count, out, at);
    if (nulls !== null) for (let i = 0; i < count; i++) if (nulls[i] === 1) out[at + i] = this.nullId;
  }

  /** Keeps only the given keys: the i-th becomes number i. */
  retain(ids: Int32Array): void {
    const kept = new Int32Array(Math.max(32, 2 * ids.length));
    let nullId = -1;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (id === this.nullId) nullId = i;
      kept[2 * i] = this.words[2 * id] as number;
      kept[2 * i + 1] = this.words[2 * id + 1] as number;
    }
    this.words = kept;
    this.nullId = nullId;
    this.size = ids.length;
    if (this.dense === null) this.rehash(slotsFor(this.size));
    else this.refill(this.dense.fill(0));
  }

  clear(): void {
    this.size = 0;
    this.nullId = -1;
    this.words = new Int32Array(32);
    this.dense = new Int32Array(0);
    this.slots = new Int32Array(0);
    this.range = new KeyRange();
  }

  /** Stops before the first key that has no place; returns how many keys are done. */
  private assignDense(
    dense: Int32Array,
    words: Int32Array,
    nulls: Uint8Array | null,
    from: number,
    count: number,
    out: Int32Array,
    at: number,
  ): number {
    const { baseLow, baseHigh } = this;
    const range = dense.length;
    for (let i = from; i < count; i++) {
      if (nulls !== null && nulls[i] === 1) {
        out[at + i] = this.assignNull();
        continue;
      }
      const low = words[2 * i] as number;
      const high = words[2 * i + 1] as number;
      const place = (low - baseLow) >>> 0;
      if (place >= range || high !== baseHigh) return i;
      let next = dense[place] as number;
      if (next === 0) {
        this.append(low, high);
        next = this.size;
        dense[place] = next;
      }
      out[at + i] = next - 1;
    }
    return count;
  }

  private findDense(words: Int32Array, count: number, out: Int32Array, at: number): void {
    const dense = this.dense as Int32Array;
    const { baseLow, baseHigh } = this;
    const range = dense.length;
    for (let i = 0; i < count; i++) {
      const place = ((words[2 * i] as number) - baseLow) >>> 0;
      const fits = place < range && words[2 * i + 1] === baseHigh;
      out[at + i] = fits ? (dense[place] as number) - 1 : -1;
    }
  }

  private assignHashed(
    words: Int32Array,
    nulls: Uint8Array | null,
    from: number,
    count: number,
    out: Int32Array,
    at: number,
  ): void {
    let { slots, shift } = this;
    let end = slots.length - 4;
    for (let i = from; i < count; i++) {
      if ((i & (FETCHED - 1)) === 0 && slots.length > CACHED_SLOT_WORDS) {
        this.fetch(words, i, Math.min(count, i + FETCHED));
      }
      if (nulls !== null && nulls[i] === 1) {
        out[at + i] = this.assignNull();
        continue;
      }
      const low = words[2 * i] as number;
      const high = words[2 * i + 1] as number;
      let slot = (pairHash(low, high) >>> shift) << 2;
      let next = slots[slot + 2] as number;
      while (next !== 0 && (slots[slot] !== low || slots[slot + 1] !== high)) {
        slot = slot === end ? 0 : slot + 4;
        next = slots[slot + 2] as number;
      }
      if (next === 0) {
        this.append(low, high);
        next = this.size;
        slots[slot] = low;
        slots[slot + 1] = high;
        slots[slot + 2] = next;
        if (this.isFull()) {
          this.rehash(this.size < FEW_KEYS ? slots.length : slots.length >> 1);
          ({ slots, shift } = this);
          end = slots.length - 4;
        }
      }
      out[at + i] = next - 1;
    }
  }

  private findHashed(words: Int32Array, count: number, out: Int32Array, at: number): void {
    const { slots, shift } = this;
    const end = slots.length - 4;
    const fetches = slots.length > CACHED_SLOT_WORDS;
    for (let i = 0; i < count; i++) {
      if (fetches && (i & (FETCHED - 1)) === 0) this.fetch(words, i, Math.min(count, i + FETCHED));
      const low = words[2 * i] as number;
      const high = words[2 * i + 1] as number;
      let slot = (pairHash(low, high) >>> shift) << 2;
      let next = slots[slot + 2] as number;
      while (next !== 0 && (slots[slot] !== low || slots[slot + 1] !== high)) {
        slot = slot === end ? 0 : slot + 4;
        next = slots[slot + 2] as number;
      }
      out[at + i] = next - 1;
    }
  }

  /**
   * Reads the slots that keys are about to be looked for in. These reads wait for memory side by side; those of the
   * search do not, because where it goes on after each depends on what was found.
   */
  private fetch(words: Int32Array, from: number, to: number): void {
    const { slots, shift } = this;
    let seen = 0;
    for (let i = from; i < to; i++) {
      seen ^= slots[(pairHash(words[2 * i] as number, words[2 * i + 1] as number) >>> shift) << 2] as number;
    }
    this.fetched = seen;
  }

  private isFull(): boolean {
    return this.size * 16 > (this.slots.length >> 2) * 11;
  }

  private assignNull(): number {
    if (this.nullId < 0) {
      this.nullId = this.size;
      this.append(0, 0);
    }
    return this.nullId;
  }

  private append(low: number, high: number): void {
    const id = this.size++;
    if (2 * id + 2 > this.words.length) this.reserve(id + 1);
    this.words[2 * id] = low;
    this.words[2 * id + 1] = high;
  }

  private reserve(keys: number): void {
    if (2 * keys <= this.words.length) return;
    const grown = new Int32Array(Math.max(2 * keys, 2 * this.words.length));
    grown.set(this.words);
    this.words = grown;
  }

  /** Widens the range to the keys that are coming, or gives it up for slots. */
  private makeRoom(words: Int32Array, nulls: Uint8Array | null, from: number, count: number): void {
    const { range } = this;
    const end = Math.min(count, from + LOOK_AHEAD);
    for (let i = from; i < end; i++) {
      if (nulls === null || nulls[i] === 0) range.add(words[2 * i] as number, words[2 * i + 1] as number);
    }
    const span = range.span();
    if (span > Math.max(SMALL_RANGE, PLACES_PER_KEY * (this.size + count - from), this.expected.rows ?? 0)) {
      this.dense = null;
      this.rehash(slotsFor(Math.max(this.size, this.expected.keys ?? 0)));
      return;
    }
    // Room on both sides, for keys that move on from batch to batch; all places share one high word.
    const room = (span >> 2) + 32;
    const base = Math.max(0, (range.leastLow >>> 0) - room);
    this.baseLow = base | 0;
    this.baseHigh = range.leastHigh;
    this.dense = this.refill(new Int32Array(Math.min(span + 2 * room, 2 ** 32 - base)));
  }

  private refill(dense: Int32Array): Int32Array {
    for (let id = 0; id < this.size; id++) {
      if (id !== this.nullId) dense[((this.words[2 * id] as number) - this.baseLow) >>> 0] = id + 1;
    }
    return dense;
  }

  private rehash(numSlots: number): void {
    const slots = new Int32Array(4 * numSlots);
    const shift = Math.clz32(numSlots) + 1;
    const end = slots.length - 4;
    for (let id = 0; id < this.size; id++) {
      if (id === this.nullId) continue;
      const low = this.words[2 * id] as number;
      const high = this.words[2 * id + 1] as number;
      let slot = (pairHash(low, high) >>> shift) << 2;
      while (slots[slot + 2] !== 0) slot = slot === end ? 0 : slot + 4;
      slots[slot] = low;
      slots[slot + 1] = high;
      slots[slot + 2] = id + 1;
    }
    this.slots = slots;
    this.shift = shift;
  }
}

/** Spreads a pair over 32 bits, the upper ones best; for equal `high` different `low` never meet. */
function pairHash(low: number, high: number): number {
  const hash = (Math.imul(low, 0x9e3779b1) + Math.imul(high, 0x85ebca6b)) | 0;
  return Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
}

/** A power of two with room for twice the keys. */
function slotsFor(keys: number): number {
  let slots = INITIAL_SLOTS;
  while (slots < keys * 2) slots *= 2;
  return slots;
}
