import { blockWords } from './key-block.js';

/** Strings of up to this many bytes are their own pair of words: the bytes, and the length in the uppermost byte. */
export const MAX_INLINE = 7;
/** The uppermost byte of the pairs that are hashes of longer strings. */
export const HASHED = 0xff;

/** A 56-bit hash of `length` > 7 bytes, as a pair of words with `HASHED` on top. */
export type HashBytes = (view: DataView, start: number, length: number, at: number) => void;

/**
 * Brings strings number `indexes[0 … count)` into `blockWords`; −1 stands for null. Returns how many were hashed.
 *
 * Words are read unaligned through a `DataView`, which compiles to one load each.
 */
export function bytesPairs(
  view: DataView,
  offsets: Int32Array,
  indexes: Int32Array,
  count: number,
  hash: HashBytes,
): number {
  let hashed = 0;
  for (let i = 0; i < count; i++) {
    const index = indexes[i] as number;
    if (index < 0) continue;
    const start = offsets[index] as number;
    const length = (offsets[index + 1] as number) - start;
    if (length > MAX_INLINE) {
      hash(view, start, length, i);
      hashed++;
    } else if (length >= 4) {
      blockWords[2 * i] = view.getInt32(start, true);
      // The last four bytes, less those that the first word has already.
      const rest = length === 4 ? 0 : view.getInt32(start + length - 4, true) >>> (8 * (8 - length));
      blockWords[2 * i + 1] = rest | (length << 24);
    } else {
      let word = 0;
      for (let k = 0; k < length; k++) word |= view.getUint8(start + k) << (8 * k);
      blockWords[2 * i] = word;
      blockWords[2 * i + 1] = length << 24;
    }
  }
  return hashed;
}

/** Two multiplicative hashes over words of four bytes, finished like MurmurHash3; both depend on the length. */
export function hashBytes(view: DataView, start: number, length: number, at: number): void {
  const last = start + length - 4;
  let a = length;
  let b = 0x2545f491;
  for (let position = start; position < last; position += 4) {
    const word = view.getInt32(position, true);
    a = Math.imul(a ^ word, 0x9e3779b1);
    a ^= a >>> 15;
    b = (Math.imul(b, 0x85ebca6b) + word) | 0;
  }
  // Overlaps the word before where the length is no multiple of four.
  const word = view.getInt32(last, true);
  a = Math.imul(a ^ word, 0xc2b2ae35);
  b = Math.imul(b + word, 0x27d4eb2f);
  blockWords[2 * at] = a ^ (a >>> 13);
  blockWords[2 * at + 1] = ((b ^ (b >>> 15) ^ a) >>> 8) | (HASHED << 24);
}

/** Whether `length` bytes at two places are equal; `length` is at least 4. */
export function sameBytes(a: DataView, startA: number, b: DataView, startB: number, length: number): boolean {
  const last = length - 4;
  for (let k = 0; k < last; k += 4) {
    if (a.getInt32(startA + k, true) !== b.getInt32(startB + k, true)) return false;
  }
  return a.getInt32(startA + last, true) === b.getInt32(startB + last, true);
}
