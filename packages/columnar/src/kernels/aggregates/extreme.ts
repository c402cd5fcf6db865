import type { Batch } from '../../batch/batch.js';
import { trustedBatch } from '../../batch/batch-factory.js';
import type { Column } from '../../batch/column.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema } from '../../schema/define-schema.js';
import type { Schema } from '../../schema/schema.js';
import { nullable } from '../../schema/types.js';
import { createValueSlots, type ValueSlots } from '../slots/value-slots.js';
import type { Accumulator } from './accumulator.js';
import { finishedSlots } from './finished-slots.js';
import { mappedRows } from './mapped-rows.js';

/** Keeps the least (`direction` 1) or greatest (−1) value per group; nulls do not count, NaN is the greatest number. */
export class ExtremeAccumulator implements Accumulator {
  private readonly slots: ValueSlots;
  private readonly type: DataType;
  private readonly direction: 1 | -1;
  private readonly stateSchema: Schema;

  constructor(type: DataType, direction: 1 | -1) {
    this.type = type;
    this.direction = direction;
    this.slots = createValueSlots(nullable(type), 'the input of min or max');
    this.stateSchema = defineSchema({ value: nullable(type) });
  }

  get bytes(): number {
    return this.slots.bytes;
  }

  reserve(numGroups: number): void {
    this.slots.reserve(numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    this.slots.improve(groups, column, selection, count, this.direction);
  }

  save(numGroups: number): Batch {
    return trustedBatch(this.stateSchema, numGroups, [this.slots.toColumn(null, numGroups)]);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const { groups, selection } = mappedRows(mapping, state.numRows);
    this.update(groups, groups.length, state.columns[0] as Column, selection);
  }

  finish(groups: Int32Array | null, count: number): Column {
    return finishedSlots(this.slots, this.type, groups, count);
  }

  retain(groups: Int32Array): void {
    this.slots.retain(groups);
  }
}
