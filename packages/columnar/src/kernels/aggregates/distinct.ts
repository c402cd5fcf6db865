import type { Batch } from '../../batch/batch.js';
import { trustedBatch } from '../../batch/batch-factory.js';
import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import { highOf, lowOf } from '../../batch/wide.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema } from '../../schema/define-schema.js';
import type { Schema } from '../../schema/schema.js';
import { int32, withNullability } from '../../schema/types.js';
import { type Accumulator, grownFloats, keptFloats } from './accumulator.js';
import { EntryTable } from './entry-table.js';
import { mappedRows } from './mapped-rows.js';

/** The exact number of distinct values per group; nulls do not count. */
export class DistinctAccumulator implements Accumulator {
  private readonly entries: EntryTable;
  private readonly stateSchema: Schema;
  private readonly type: DataType;
  private counts = new Float64Array(0);
  private numGroups = 0;

  constructor(input: DataType, type: DataType) {
    const value = withNullability(input, false);
    this.entries = new EntryTable(value);
    this.stateSchema = defineSchema({ group: int32(), value });
    this.type = type;
  }

  get bytes(): number {
    return this.entries.bytes + this.counts.byteLength;
  }

  reserve(numGroups: number): void {
    this.numGroups = Math.max(this.numGroups, numGroups);
    this.counts = grownFloats(this.counts, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const before = this.entries.size;
    const added = this.entries.add(groups, count, column, selection);
    const counted = new Uint8Array(this.entries.size - before);
    for (let i = 0; i < added.ids.length; i++) {
      const fresh = (added.ids[i] as number) - before;
      if (fresh < 0 || counted[fresh] === 1) continue;
      counted[fresh] = 1;
      const group = added.groups[i] as number;
      this.counts[group] = (this.counts[group] as number) + 1;
    }
  }

  save(): Batch {
    return trustedBatch(this.stateSchema, this.entries.size, this.entries.columns());
  }

  merge(state: Batch, mapping: Int32Array): void {
    const [owners, values] = state.columns as [Column, Column];
    const targets = Int32Array.from({ length: state.numRows }, (_, i) => mapping[owners.values[i] as number] as number);
    const { groups, selection } = mappedRows(targets, state.numRows);
    this.update(groups, groups.length, values, selection);
  }

  finish(groups: Int32Array | null, count: number): Column {
    const values = new Int32Array(2 * count);
    for (let i = 0; i < count; i++) {
      const total = this.counts[groups === null ? i : (groups[i] as number)] as number;
      values[2 * i] = lowOf(total);
      values[2 * i + 1] = highOf(total);
    }
    return makeColumn(this.type, count, { values });
  }

  retain(groups: Int32Array): void {
    this.entries.retain(groups, this.numGroups);
    this.counts = keptFloats(this.counts, groups);
    this.numGroups = groups.length;
  }
}
