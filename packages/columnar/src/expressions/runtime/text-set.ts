import { hashSpan } from '../../kernels/hash.js';
import { equalText } from './text.js';

/** A fixed set of strings, looked up by their bytes. */
export class TextSet {
  private readonly words: readonly Uint8Array[];
  private readonly slots: Int32Array;

  constructor(words: readonly string[]) {
    const encoder = new TextEncoder();
    this.words = [...new Set(words)].map((word) => encoder.encode(word));
    let size = 4;
    while (size < this.words.length * 2) size *= 2;
    this.slots = new Int32Array(size).fill(-1);
    this.words.forEach((word, i) => {
      let slot = hashSpan(word, 0, word.length) & (size - 1);
      while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & (size - 1);
      this.slots[slot] = i;
    });
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    const mask = this.slots.length - 1;
    for (let slot = hashSpan(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const word = this.words[this.slots[slot] as number];
      if (word === undefined) return false;
      if (equalText(word, 0, word.length, bytes, start, end)) return true;
    }
  }
}
