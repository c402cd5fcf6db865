import type { Column } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { int32 } from '../../schema/types.js';
import type { GroupTable } from '../group-table.js';
import { createGroupTable } from '../keys/create-group-table.js';
import { takeColumn } from '../take.js';

/** The distinct (group, value) entries of an aggregate, numbered in order of appearance. Bound: one per distinct value. */
export class EntryTable {
  private readonly type: DataType;
  private table: GroupTable;

  /** `type` must not be nullable. */
  constructor(type: DataType) {
    this.type = type;
    this.table = this.emptyTable();
  }

  get size(): number {
    return this.table.size;
  }

  get bytes(): number {
    return this.table.bytes;
  }

  /** The entries of the rows that are not null, and the groups of those rows. */
  add(
    groups: Int32Array,
    count: number,
    column: Column,
    selection: Int32Array | null,
  ): { ids: Int32Array; groups: Int32Array } {
    const rows = new Int32Array(count);
    const kept = new Int32Array(count);
    let size = 0;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (!isValid(column, row)) continue;
      rows[size] = row;
      kept[size++] = groups[i] as number;
    }
    const all = size === column.length && selection === null;
    const values = all ? column : takeColumn(column, rows, size, this.type);
    const owners = makeColumn(int32(), size, { values: kept.subarray(0, size) });
    return { ids: this.table.assign([owners, values], size), groups: kept.subarray(0, size) };
  }

  /** The group and the value of every entry. */
  columns(): [groups: Column, values: Column] {
    return this.table.keys() as [Column, Column];
  }

  /** Keeps the entries of the given groups, renumbered; returns the old number of each that is left. */
  retain(groups: Int32Array, numGroups: number): Int32Array {
    const renumbered = new Int32Array(numGroups).fill(-1);
    groups.forEach((group, i) => {
      renumbered[group] = i;
    });
    const [owners, values] = this.columns();
    const kept = Int32Array.from({ length: this.size }, (_, entry) => entry).filter(
      (entry) => (renumbered[owners.values[entry] as number] as number) >= 0,
    );
    const moved = kept.map((entry) => renumbered[owners.values[entry] as number] as number);
    this.table = this.emptyTable();
    this.table.assign([makeColumn(int32(), kept.length, { values: moved }), takeColumn(values, kept)], kept.length);
    return kept;
  }

  private emptyTable(): GroupTable {
    return createGroupTable([int32(), this.type]);
  }
}
