import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import type { ColumnKeys } from './column-keys.js';
import { nullAt } from './fixed-keys.js';
import { BLOCK, blockNulls, blockWords } from './key-block.js';
import { type ExpectedKeys, PairTable } from './pair-table.js';

/** Keys of 128 bits: the upper and lower halves are numbered, and then the pairs of their numbers. */
export class DecimalKeys implements ColumnKeys {
  private readonly uppers = new PairTable();
  private readonly lowers = new PairTable();
  private readonly pairs: PairTable;
  private readonly type: DataType;
  private readonly halves = [new Int32Array(BLOCK), new Int32Array(BLOCK)] as const;

  constructor(type: DataType, expected: ExpectedKeys = {}) {
    this.type = type;
    this.pairs = new PairTable(expected);
  }

  get size(): number {
    return this.pairs.size;
  }

  get bytes(): number {
    return this.uppers.bytes + this.lowers.bytes + this.pairs.bytes;
  }

  assign(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    const [lower, upper] = this.halves;
    for (let start = 0; start < count; start += BLOCK) {
      const end = Math.min(count, start + BLOCK);
      halfWords(column, selection, start, end, 0);
      this.lowers.assign(blockWords, null, end - start, lower, 0);
      halfWords(column, selection, start, end, 2);
      this.uppers.assign(blockWords, null, end - start, upper, 0);
      interleave(lower, upper, 0, end - start);
      this.pairs.assign(blockWords, blockNulls(column, selection, start, end), end - start, out, start);
    }
  }

  lookup(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    const [lower, upper] = this.halves;
    for (let start = 0; start < count; start += BLOCK) {
      const end = Math.min(count, start + BLOCK);
      halfWords(column, selection, start, end, 0);
      this.lowers.find(blockWords, null, end - start, lower, 0);
      halfWords(column, selection, start, end, 2);
      this.uppers.find(blockWords, null, end - start, upper, 0);
      // No pair holds −1, so an unknown half makes an unknown key.
      interleave(lower, upper, 0, end - start);
      this.pairs.find(blockWords, blockNulls(column, selection, start, end), end - start, out, start);
    }
  }

  toColumn(ids: Int32Array | null, count: number): Column {
    const values = new Int32Array(4 * count);
    const validity = nullAt(this.pairs.nullId, ids, count);
    for (let i = 0; i < count; i++) {
      const id = ids === null ? i : (ids[i] as number);
      if (id === this.pairs.nullId) continue;
      const lower = this.pairs.words[2 * id] as number;
      const upper = this.pairs.words[2 * id + 1] as number;
      values[4 * i] = this.lowers.words[2 * lower] as number;
      values[4 * i + 1] = this.lowers.words[2 * lower + 1] as number;
      values[4 * i + 2] = this.uppers.words[2 * upper] as number;
      values[4 * i + 3] = this.uppers.words[2 * upper + 1] as number;
    }
    return makeColumn(this.type, count, { values, validity });
  }

  retain(ids: Int32Array): void {
    const kept = this.toColumn(ids, ids.length);
    this.clear();
    this.assign(kept, null, kept.length, new Int32Array(kept.length));
  }

  clear(): void {
    this.uppers.clear();
    this.lowers.clear();
    this.pairs.clear();
  }
}

/** Brings two neighbouring words of 128-bit values into `blockWords`. */
function halfWords(column: Column, selection: Int32Array | null, start: number, end: number, word: 0 | 2): void {
  const values = column.values as Int32Array;
  for (let i = start; i < end; i++) {
    const from = 4 * (selection === null ? i : (selection[i] as number)) + word;
    blockWords[2 * (i - start)] = values[from] as number;
    blockWords[2 * (i - start) + 1] = values[from + 1] as number;
  }
}

/** Brings pairs of numbers from position `start` of two arrays into `blockWords`. */
export function interleave(low: Int32Array, high: Int32Array, start: number, count: number): void {
  for (let i = 0; i < count; i++) {
    blockWords[2 * i] = low[start + i] as number;
    blockWords[2 * i + 1] = high[start + i] as number;
  }
}
