import type { Column } from '../../batch/column.js';
import { isValid } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { BytesKeys } from './bytes-keys.js';
import type { ColumnKeys } from './column-keys.js';
import type { ExpectedKeys } from './pair-table.js';

const UNKNOWN = -1;
const ASKED = -2;
const FEW_WORDS = 1024;

/** String keys; rows of a dictionary column are numbered by their code, each word of it is looked at once. */
export class TextKeys implements ColumnKeys {
  private readonly keys: BytesKeys;
  /** The dictionary that `codeIds` are for. */
  private words: Column | null = null;
  private codeIds = new Int32Array(0);
  private asked = new Int32Array(0);

  constructor(type: DataType, expected: ExpectedKeys = {}) {
    this.keys = new BytesKeys(type, expected);
  }

  get size(): number {
    return this.keys.size;
  }

  get bytes(): number {
    return this.keys.bytes + this.codeIds.byteLength + this.asked.byteLength;
  }

  assign(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    // A first null among the rows has to be numbered in its turn.
    const inTurn = column.validity !== null && this.keys.nullId < 0;
    if (inTurn || !this.useCodes(column, count)) {
      this.keys.assign(column, selection, count, out);
      return;
    }
    const numAsked = this.ask(column, selection, count);
    this.keys.assign(this.words as Column, this.asked.subarray(0, numAsked), numAsked, this.idsOf(numAsked));
    this.answer(column, selection, count, numAsked, out);
  }

  lookup(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    if (!this.useCodes(column, count)) {
      this.keys.lookup(column, selection, count, out);
      return;
    }
    const numAsked = this.ask(column, selection, count);
    this.keys.lookup(this.words as Column, this.asked.subarray(0, numAsked), numAsked, this.idsOf(numAsked));
    this.answer(column, selection, count, numAsked, out);
  }

  toColumn(ids: Int32Array | null, count: number): Column {
    return this.keys.toColumn(ids, count);
  }

  retain(ids: Int32Array): void {
    this.keys.retain(ids);
    this.words = null;
  }

  clear(): void {
    this.keys.clear();
    this.words = null;
  }

  private useCodes(column: Column, count: number): boolean {
    if (column.type.kind !== 'dictionary') return false;
    const words = column.children[0] as Column;
    if (words.validity !== null || words.length > Math.max(FEW_WORDS, 2 * count)) return false;
    if (words === this.words) return true;
    this.words = words;
    if (this.codeIds.length < words.length) {
      this.codeIds = new Int32Array(words.length);
      // The codes that are asked for, and their numbers.
      this.asked = new Int32Array(2 * words.length);
    }
    this.codeIds.fill(UNKNOWN);
    return true;
  }

  /** Collects the codes of these rows that have no number yet, in order of appearance. */
  private ask(column: Column, selection: Int32Array | null, count: number): number {
    const { codeIds, asked } = this;
    const codes = column.values as Int32Array;
    const checkNulls = column.validity !== null;
    let numAsked = 0;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      const code = codes[row] as number;
      if (codeIds[code] !== UNKNOWN || (checkNulls && !isValid(column, row))) continue;
      codeIds[code] = ASKED;
      asked[numAsked++] = code;
    }
    return numAsked;
  }

  private idsOf(numAsked: number): Int32Array {
    const half = this.asked.length / 2;
    return this.asked.subarray(half, half + numAsked);
  }

  private answer(column: Column, selection: Int32Array | null, count: number, numAsked: number, out: Int32Array): void {
    const { codeIds, asked } = this;
    const codes = column.values as Int32Array;
    const ids = this.idsOf(numAsked);
    for (let i = 0; i < numAsked; i++) codeIds[asked[i] as number] = ids[i] as number;
    const checkNulls = column.validity !== null;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      out[i] = checkNulls && !isValid(column, row) ? this.keys.nullId : (codeIds[codes[row] as number] as number);
    }
  }
}
