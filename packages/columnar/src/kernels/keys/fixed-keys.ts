import { bytesForBits } from '../../batch/bits.js';
import type { Column, ColumnValues } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { allocateFixed, layoutOf } from '../../schema/layout.js';
import type { ColumnKeys } from './column-keys.js';
import { BLOCK, blockNulls, blockPairs, blockWords } from './key-block.js';
import { type ExpectedKeys, PairTable } from './pair-table.js';

/** Keys of at most 64 bits: every fixed-width type but decimals, and bools. */
export class FixedKeys implements ColumnKeys {
  private readonly pairs: PairTable;
  private readonly type: DataType;

  constructor(type: DataType, expected: ExpectedKeys = {}) {
    this.type = type;
    this.pairs = new PairTable(expected);
  }

  get size(): number {
    return this.pairs.size;
  }

  get bytes(): number {
    return this.pairs.bytes;
  }

  assign(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    const words = wordsOf(column, selection);
    if (words !== null) this.pairs.assign(words, null, count, out, 0);
    else {
      for (let start = 0; start < count; start += BLOCK) {
        const end = Math.min(count, start + BLOCK);
        blockPairs(column, selection, start, end);
        const nulls = blockNulls(column, selection, start, end);
        this.pairs.assign(blockWords, nulls, end - start, out, start);
      }
    }
  }

  lookup(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    const words = wordsOf(column, selection);
    if (words !== null) this.pairs.find(words, null, count, out, 0);
    else {
      for (let start = 0; start < count; start += BLOCK) {
        const end = Math.min(count, start + BLOCK);
        blockPairs(column, selection, start, end);
        this.pairs.find(blockWords, blockNulls(column, selection, start, end), end - start, out, start);
      }
    }
  }

  toColumn(ids: Int32Array | null, count: number): Column {
    const words = takenWords(this.pairs.words, ids, count);
    const values = this.valuesOf(words, count);
    return makeColumn(this.type, count, { values, validity: nullAt(this.pairs.nullId, ids, count) });
  }

  retain(ids: Int32Array): void {
    this.pairs.retain(ids);
  }

  clear(): void {
    this.pairs.clear();
  }

  private valuesOf(words: Int32Array, count: number): ColumnValues {
    const layout = layoutOf(this.type);
    if (layout.shape !== 'fixed') return bitsOf(words, count);
    if (layout.width === 2) return words;
    if (layout.array === Float64Array) return new Float64Array(words.buffer as ArrayBuffer, words.byteOffset, count);
    if (layout.array === Float32Array) {
      return Float32Array.from(new Float64Array(words.buffer as ArrayBuffer, words.byteOffset, count));
    }
    const values = allocateFixed(layout, count);
    for (let i = 0; i < count; i++) values[i] = words[2 * i] as number;
    return values;
  }
}

/** The words of a 64-bit integer column as they lie, when every row is asked for and none is null. */
function wordsOf(column: Column, selection: Int32Array | null): Int32Array | null {
  const layout = layoutOf(column.type);
  const direct = selection === null && column.validity === null && layout.shape === 'fixed' && layout.width === 2;
  return direct ? (column.values as Int32Array) : null;
}

/** The pairs of words of the given numbers, or of 0 … count − 1, in new memory. */
export function takenWords(words: Int32Array, ids: Int32Array | null, count: number): Int32Array {
  if (ids === null) return words.slice(0, 2 * count);
  const taken = new Int32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const id = ids[i] as number;
    taken[2 * i] = words[2 * id] as number;
    taken[2 * i + 1] = words[2 * id + 1] as number;
  }
  return taken;
}

/** A bitmap with a 0 wherever the number is that of null; null when it is nowhere. */
export function nullAt(nullId: number, ids: Int32Array | null, count: number): Uint8Array | null {
  if (nullId < 0) return null;
  const bits = new Uint8Array(bytesForBits(count)).fill(255);
  for (let i = 0; i < count; i++) {
    if ((ids === null ? i : ids[i]) === nullId) bits[i >> 3] = (bits[i >> 3] as number) & ~(1 << (i & 7));
  }
  return bits;
}

function bitsOf(words: Int32Array, count: number): Uint8Array {
  const bits = new Uint8Array(bytesForBits(count));
  for (let i = 0; i < count; i++) {
    bits[i >> 3] = (bits[i >> 3] as number) | ((words[2 * i] as number) << (i & 7));
  }
  return bits;
}
