import type { Column } from '../../batch/column.js';
import type { ColumnBuilder } from '../../batch/column-builder.js';
import { createColumnBuilder } from '../../batch/create-column-builder.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { int32 } from '../../schema/types.js';
import { takeColumn } from '../take.js';

/** Values with the group that each belongs to, in order of arrival. */
export class CollectedValues {
  private readonly type: DataType;
  private values: ColumnBuilder;
  private owners = new Int32Array(64);

  /** `type` must not be nullable. */
  constructor(type: DataType) {
    this.type = type;
    this.values = createColumnBuilder('', type, 64);
  }

  get size(): number {
    return this.values.length;
  }

  get bytes(): number {
    return this.values.bytes + this.owners.byteLength;
  }

  /** Appends the rows that are not null. */
  add(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const rows = new Int32Array(count);
    let kept = 0;
    const { size } = this;
    this.reserve(size + count);
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (!isValid(column, row)) continue;
      this.owners[size + kept] = groups[i] as number;
      rows[kept++] = row;
    }
    const all = kept === column.length && selection === null;
    const taken = all ? column : takeColumn(column, rows, kept, this.type);
    this.values.appendColumn(taken, 0, kept);
  }

  /** The group and the value of every row. */
  columns(): [groups: Column, values: Column] {
    const { size } = this;
    const owners = makeColumn(int32(), size, { values: this.owners.slice(0, size) });
    const values = this.values.finish();
    this.values.appendColumn(values, 0, size);
    return [owners, values];
  }

  /** Only the given rows, in that order, under the groups that `groupOf` gives. */
  keep(rows: Int32Array, groupOf: (group: number) => number): void {
    const values = this.values.finish();
    const owners = Int32Array.from(rows, (row) => groupOf(this.owners[row] as number));
    this.owners = owners.length === 0 ? new Int32Array(64) : owners;
    this.values = createColumnBuilder('', this.type, rows.length);
    this.values.appendColumn(takeColumn(values, rows, rows.length, this.type), 0, rows.length);
  }

  /** Keeps the values of the given groups: the i-th becomes group i. */
  retain(groups: Int32Array, numGroups: number): void {
    const renumbered = new Int32Array(numGroups).fill(-1);
    groups.forEach((group, i) => {
      renumbered[group] = i;
    });
    const rows = Int32Array.from({ length: this.size }, (_, row) => row).filter(
      (row) => (renumbered[this.owners[row] as number] as number) >= 0,
    );
    this.keep(rows, (group) => renumbered[group] as number);
  }

  private reserve(size: number): void {
    if (size <= this.owners.length) return;
    const grown = new Int32Array(Math.max(size, this.owners.length * 2));
    grown.set(this.owners);
    this.owners = grown;
  }
}
