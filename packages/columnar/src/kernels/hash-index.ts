import type { Column } from '../batch/column.js';
import { isValid } from '../batch/make-column.js';
import { GroupedKeys, type NumberedKeys, rankedKeys } from './keys/numbered-keys.js';

/** Pairs of rows with equal keys; the arrays are overwritten by the next probe of the same index. */
export interface RowPairs {
  readonly count: number;
  /** Row numbers on the probing side, ascending; the first `count` elements hold pairs. */
  readonly probeRows: Int32Array;
  /** Row numbers on the built side, or −1 where `probeLeft` found none. */
  readonly buildRows: Int32Array;
}

/** Finds rows by key. A null in any key column matches nothing, on either side. */
export interface HashIndex {
  /** Rows that can be found: those without a null key. */
  readonly numRows: number;
  readonly bytes: number;
  /** Every pair of a probing row and a built row with equal keys; built rows in their own order. */
  probe(columns: readonly Column[], numRows: number): RowPairs;
  /** As `probe`, and one pair with −1 for each probing row without a match. */
  probeLeft(columns: readonly Column[], numRows: number): RowPairs;
  /** Whether each probing row has a match: one byte per row. */
  contains(columns: readonly Column[], numRows: number): Uint8Array;
}

/**
 * An index over the key columns of a built side.
 *
 * Cost: for one key of at most 64 bits in a limited range, a bit per possible key and a rank per 32 of them; else an
 * entry per distinct key in a group table. Rows of a key lie side by side.
 */
export function createHashIndex(columns: readonly Column[], numRows: number = columns[0]?.length ?? 0): HashIndex {
  const selection = rowsWithoutNulls(columns, numRows);
  return new NumberedIndex(rankedKeys(columns, numRows, selection) ?? new GroupedKeys(columns, numRows, selection));
}

class NumberedIndex implements HashIndex {
  readonly numRows: number;
  private readonly keys: NumberedKeys;
  private probeRows = new Int32Array(0);
  private buildRows = new Int32Array(0);
  private count = 0;

  constructor(keys: NumberedKeys) {
    this.keys = keys;
    this.numRows = keys.numRows;
  }

  get bytes(): number {
    return this.keys.bytes;
  }

  probe(columns: readonly Column[], numRows: number): RowPairs {
    const { starts, rows } = this.keys;
    this.begin(numRows);
    this.keys.find(columns, numRows, (numbers, firstRow, count) => {
      if (starts === null) this.addUnique(numbers, firstRow, count, rows);
      else this.addRepeated(numbers, firstRow, count, starts, rows as Int32Array);
    });
    return this.pairs();
  }

  probeLeft(columns: readonly Column[], numRows: number): RowPairs {
    const { starts, rows } = this.keys;
    this.begin(numRows);
    this.keys.find(columns, numRows, (numbers, firstRow, count) => {
      if (starts === null) this.addUniqueOrNone(numbers, firstRow, count, rows);
      else this.addRepeatedOrNone(numbers, firstRow, count, starts, rows as Int32Array);
    });
    return this.pairs();
  }

  contains(columns: readonly Column[], numRows: number): Uint8Array {
    const found = new Uint8Array(numRows);
    this.keys.find(columns, numRows, (numbers, firstRow, count) => {
      for (let i = 0; i < count; i++) found[firstRow + i] = (numbers[i] as number) >= 0 ? 1 : 0;
    });
    return found;
  }

  private begin(numRows: number): void {
    this.count = 0;
    this.reserve(numRows);
  }

  private pairs(): RowPairs {
    return { count: this.count, probeRows: this.probeRows, buildRows: this.buildRows };
  }

  private reserve(count: number): void {
    if (this.probeRows.length >= count) return;
    const size = Math.max(count, 2 * this.probeRows.length);
    this.probeRows = grown(this.probeRows, size, this.count);
    this.buildRows = grown(this.buildRows, size, this.count);
  }

  private addUnique(numbers: Int32Array, firstRow: number, count: number, rows: Int32Array | null): void {
    const { probeRows, buildRows } = this;
    let at = this.count;
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number;
      // if (number < 0) continue; but without a branch: what is written for no match is overwritten by the next row.
      const known = number & ~(number >> 31);
      probeRows[at] = firstRow + i;
      buildRows[at] = rows === null ? known : (rows[known] as number);
      at += (number >>> 31) ^ 1;
    }
    this.count = at;
  }

  private addUniqueOrNone(numbers: Int32Array, firstRow: number, count: number, rows: Int32Array | null): void {
    const { probeRows, buildRows } = this;
    const at = this.count;
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number;
      probeRows[at + i] = firstRow + i;
      buildRows[at + i] = number < 0 || rows === null ? number : (rows[number] as number);
    }
    this.count = at + count;
  }

  private addRepeated(
    numbers: Int32Array,
    firstRow: number,
    count: number,
    starts: Int32Array,
    rows: Int32Array,
  ): void {
    this.reserve(this.count + countPairs(numbers, count, starts, 0));
    const { probeRows, buildRows } = this;
    let at = this.count;
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number;
      if (number < 0) continue;
      const end = starts[number + 1] as number;
      for (let from = starts[number] as number; from < end; from++) {
        probeRows[at] = firstRow + i;
        buildRows[at++] = rows[from] as number;
      }
    }
    this.count = at;
  }

  private addRepeatedOrNone(
    numbers: Int32Array,
    firstRow: number,
    count: number,
    starts: Int32Array,
    rows: Int32Array,
  ): void {
    this.reserve(this.count + countPairs(numbers, count, starts, 1));
    const { probeRows, buildRows } = this;
    let at = this.count;
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number;
      const from = number < 0 ? 0 : (starts[number] as number);
      const end = number < 0 ? 1 : (starts[number + 1] as number);
      for (let place = from; place < end; place++) {
        probeRows[at] = firstRow + i;
        buildRows[at++] = number < 0 ? -1 : (rows[place] as number);
      }
    }
    this.count = at;
  }
}

function countPairs(numbers: Int32Array, count: number, starts: Int32Array, unmatched: number): number {
  let pairs = 0;
  for (let i = 0; i < count; i++) {
    const number = numbers[i] as number;
    pairs += number < 0 ? unmatched : (starts[number + 1] as number) - (starts[number] as number);
  }
  return pairs;
}

function grown(old: Int32Array, size: number, used: number): Int32Array<ArrayBuffer> {
  const array = new Int32Array(size);
  array.set(old.subarray(0, used));
  return array;
}

/** Row numbers without a null in any column, or null when that is every row. */
export function rowsWithoutNulls(columns: readonly Column[], numRows: number): Int32Array | null {
  const withNulls = columns.filter((column) => column.nullCount > 0);
  if (withNulls.length === 0) return null;
  const rows = new Int32Array(numRows);
  let count = 0;
  for (let row = 0; row < numRows; row++) {
    let valid = true;
    for (let k = 0; valid && k < withNulls.length; k++) valid = isValid(withNulls[k] as Column, row);
    if (valid) rows[count++] = row;
  }
  return rows.subarray(0, count);
}
