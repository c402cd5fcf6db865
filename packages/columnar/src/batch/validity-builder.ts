import { bytesForBits, fillBits, writeBits } from './bits.js';
import type { Column } from './column.js';

/** Grows a validity bitmap row by row; costs nothing until the first null. */
export class ValidityBuilder {
  private bits: Uint8Array | null = null;
  private length = 0;

  appendValid(count = 1): void {
    if (this.bits !== null) {
      this.reserve(count);
      fillBits(this.bits, this.length, count);
    }
    this.length += count;
  }

  appendNull(): void {
    this.reserve(1);
    this.length++;
  }

  appendColumn(column: Column, start: number, end: number): void {
    if (column.validity === null) {
      this.appendValid(end - start);
      return;
    }
    const bits = this.reserve(end - start);
    writeBits(bits, this.length, column.validity, column.bitOffset + start, end - start);
    this.length += end - start;
  }

  /** The bitmap so far, or null when nothing is null; the builder is empty after. */
  finish(): Uint8Array | null {
    const bits = this.bits?.subarray(0, bytesForBits(this.length)) ?? null;
    this.bits = null;
    this.length = 0;
    return bits;
  }

  private reserve(count: number): Uint8Array {
    const needed = bytesForBits(this.length + count);
    if (this.bits === null) {
      this.bits = new Uint8Array(Math.max(16, needed));
      fillBits(this.bits, 0, this.length);
    } else if (needed > this.bits.length) {
      const grown = new Uint8Array(Math.max(needed, this.bits.length * 2));
      grown.set(this.bits);
      this.bits = grown;
    }
    return this.bits;
  }
}
