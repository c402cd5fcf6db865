import { equalsRange } from './compare.js';

const INITIAL_SLOTS = 16;

/**
 * A hash table from byte strings to values, without a string or an object per look-up.
 *
 * Algorithm: open addressing with linear probing and backward-shift deletion; slots hold entry numbers + 1. Entry
 * numbers stay valid until the entry is removed. State: two 32-bit words per slot, at most 3/4 of the slots used.
 */
export class ByteTable<V> {
  private slots = new Int32Array(INITIAL_SLOTS);
  private mask = INITIAL_SLOTS - 1;
  private hashes = new Int32Array(INITIAL_SLOTS);
  private readonly keys: (Uint8Array | undefined)[] = [];
  private readonly values: (V | undefined)[] = [];
  private readonly free: number[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Entry numbers are below this. */
  get capacity(): number {
    return this.keys.length;
  }

  /** The entry of the bytes from `start` to `end`, whose hash is `hash`; −1 when absent. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): number {
    let slot = hash & this.mask;
    for (;;) {
      const entry = (this.slots[slot] as number) - 1;
      if (entry < 0) return -1;
      if (this.hashes[entry] === hash && equalsRange(this.keys[entry] as Uint8Array, bytes, start, end)) return entry;
      slot = (slot + 1) & this.mask;
    }
  }

  /** The key of an entry; undefined when nothing is there. */
  keyAt(entry: number): Uint8Array | undefined {
    return this.keys[entry];
  }

  hashAt(entry: number): number {
    return this.hashes[entry] as number;
  }

  valueAt(entry: number): V {
    return this.values[entry] as V;
  }

  setAt(entry: number, value: V): void {
    this.values[entry] = value;
  }

  /** Adds a key that is absent; the table keeps the given array. Returns its entry number. */
  insert(hash: number, key: Uint8Array, value: V): number {
    if ((this.count + 1) * 4 > this.slots.length * 3) this.grow();
    const entry = this.free.pop() ?? this.keys.length;
    if (entry >= this.hashes.length) this.hashes = doubled(this.hashes);
    this.keys[entry] = key;
    this.values[entry] = value;
    this.hashes[entry] = hash;
    this.place(entry);
    this.count++;
    return entry;
  }

  remove(entry: number): void {
    this.unplace(entry);
    this.keys[entry] = undefined;
    this.values[entry] = undefined;
    this.free.push(entry);
    this.count--;
  }

  private place(entry: number): void {
    let slot = (this.hashes[entry] as number) & this.mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = entry + 1;
  }

  private unplace(entry: number): void {
    let hole = (this.hashes[entry] as number) & this.mask;
    while (this.slots[hole] !== entry + 1) hole = (hole + 1) & this.mask;
    let next = hole;
    for (;;) {
      next = (next + 1) & this.mask;
      const other = (this.slots[next] as number) - 1;
      if (other < 0) break;
      const home = (this.hashes[other] as number) & this.mask;
      // Move it into the hole unless that would put it before its home slot.
      if (((next - home) & this.mask) >= ((next - hole) & this.mask)) {
        this.slots[hole] = other + 1;
        hole = next;
      }
    }
    this.slots[hole] = 0;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    this.mask = this.slots.length - 1;
    for (let entry = 0; entry < this.keys.length; entry++) if (this.keys[entry] !== undefined) this.place(entry);
  }
}

function doubled(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
