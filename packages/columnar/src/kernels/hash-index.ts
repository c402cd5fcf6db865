import type { Column } from '../batch/column.js';
import { isValid } from '../batch/make-column.js';
import type { GroupTable } from './group-table.js';
import { createGroupTable } from './open-group-table.js';

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
 * Cost: one hash and one table entry per distinct key; rows of a key lie side by side.
 */
export function createHashIndex(columns: readonly Column[], numRows: number = columns[0]?.length ?? 0): HashIndex {
  return new GroupedIndex(columns, numRows);
}

class GroupedIndex implements HashIndex {
  readonly numRows: number;
  private readonly table: GroupTable;
  /** Rows of group g: `rows[starts[g] … starts[g + 1])`. */
  private readonly starts: Int32Array;
  private readonly rows: Int32Array;
  private readonly isUnique: boolean;
  private groups = new Int32Array(0);
  private probeRows = new Int32Array(0);
  private buildRows = new Int32Array(0);

  constructor(columns: readonly Column[], numRows: number) {
    const selection = rowsWithoutNulls(columns, numRows);
    this.table = createGroupTable(columns.map((column) => column.type));
    const groups = this.table.assign(columns, numRows, selection);
    this.numRows = selection?.length ?? numRows;
    this.starts = startsOf(groups, this.numRows, this.table.size);
    this.rows = placeRows(groups, selection, this.numRows, this.starts);
    this.isUnique = this.table.size === this.numRows;
  }

  get bytes(): number {
    return this.table.bytes + this.starts.byteLength + this.rows.byteLength;
  }

  probe(columns: readonly Column[], numRows: number): RowPairs {
    const groups = this.find(columns, numRows);
    this.reserve(this.isUnique ? numRows : this.countPairs(groups, numRows, 0));
    return this.isUnique ? this.uniquePairs(groups, numRows) : this.pairs(groups, numRows, false);
  }

  probeLeft(columns: readonly Column[], numRows: number): RowPairs {
    const groups = this.find(columns, numRows);
    this.reserve(this.isUnique ? numRows : this.countPairs(groups, numRows, 1));
    return this.pairs(groups, numRows, true);
  }

  contains(columns: readonly Column[], numRows: number): Uint8Array {
    const groups = this.find(columns, numRows);
    const found = new Uint8Array(numRows);
    for (let row = 0; row < numRows; row++) found[row] = (groups[row] as number) >= 0 ? 1 : 0;
    return found;
  }

  private find(columns: readonly Column[], numRows: number): Int32Array {
    if (this.groups.length < numRows) this.groups = new Int32Array(Math.max(numRows, 2 * this.groups.length));
    const groups = this.table.lookup(columns, numRows, null, this.groups);
    for (const column of columns) {
      if (column.validity === null) continue;
      for (let row = 0; row < numRows; row++) if (!isValid(column, row)) groups[row] = -1;
    }
    return groups;
  }

  private countPairs(groups: Int32Array, numRows: number, unmatched: number): number {
    let count = 0;
    for (let row = 0; row < numRows; row++) {
      const group = groups[row] as number;
      count += group < 0 ? unmatched : (this.starts[group + 1] as number) - (this.starts[group] as number);
    }
    return count;
  }

  private reserve(count: number): void {
    if (this.probeRows.length >= count) return;
    const size = Math.max(count, 2 * this.probeRows.length);
    this.probeRows = new Int32Array(size);
    this.buildRows = new Int32Array(size);
  }

  private uniquePairs(groups: Int32Array, numRows: number): RowPairs {
    const { probeRows, buildRows, rows } = this;
    let count = 0;
    for (let row = 0; row < numRows; row++) {
      const group = groups[row] as number;
      if (group < 0) continue;
      probeRows[count] = row;
      buildRows[count++] = rows[group] as number;
    }
    return { count, probeRows, buildRows };
  }

  private pairs(groups: Int32Array, numRows: number, keepUnmatched: boolean): RowPairs {
    const { probeRows, buildRows, rows, starts } = this;
    let count = 0;
    for (let row = 0; row < numRows; row++) {
      const group = groups[row] as number;
      if (group < 0) {
        if (!keepUnmatched) continue;
        probeRows[count] = row;
        buildRows[count++] = -1;
        continue;
      }
      for (let at = starts[group] as number; at < (starts[group + 1] as number); at++) {
        probeRows[count] = row;
        buildRows[count++] = rows[at] as number;
      }
    }
    return { count, probeRows, buildRows };
  }
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

function startsOf(groups: Int32Array, count: number, numGroups: number): Int32Array {
  const starts = new Int32Array(numGroups + 1);
  for (let i = 0; i < count; i++) starts[(groups[i] as number) + 1] = (starts[(groups[i] as number) + 1] as number) + 1;
  for (let group = 0; group < numGroups; group++) {
    starts[group + 1] = (starts[group + 1] as number) + (starts[group] as number);
  }
  return starts;
}

function placeRows(groups: Int32Array, selection: Int32Array | null, count: number, starts: Int32Array): Int32Array {
  const rows = new Int32Array(count);
  const next = starts.slice();
  for (let i = 0; i < count; i++) {
    const group = groups[i] as number;
    const at = next[group] as number;
    next[group] = at + 1;
    rows[at] = selection === null ? i : (selection[i] as number);
  }
  return rows;
}
