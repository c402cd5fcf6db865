import type { Batch } from '../../batch/batch.js';
import { trustedBatch } from '../../batch/batch-factory.js';
import type { Column } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema } from '../../schema/define-schema.js';
import type { Schema } from '../../schema/schema.js';
import { nullable, uint8 } from '../../schema/types.js';
import { createValueSlots, type ValueSlots } from '../slots/value-slots.js';
import type { Accumulator } from './accumulator.js';
import { finishedSlots } from './finished-slots.js';

/** Which row of a group counts: the first, the last (null or not), or the first that is not null. */
export type RowChoice = 'first' | 'last' | 'any';

/** Keeps the value of one row per group, in order of arrival. */
export class RowAccumulator implements Accumulator {
  private readonly slots: ValueSlots;
  private seen = new Uint8Array(0);
  private readonly type: DataType;
  private readonly choice: RowChoice;
  private readonly stateSchema: Schema;

  constructor(type: DataType, choice: RowChoice) {
    this.type = type;
    this.choice = choice;
    this.slots = createValueSlots(nullable(type), `the input of ${choice}`);
    this.stateSchema = defineSchema({ value: nullable(type), seen: uint8() });
  }

  get bytes(): number {
    return this.slots.bytes + this.seen.length;
  }

  reserve(numGroups: number): void {
    this.slots.reserve(numGroups);
    if (numGroups <= this.seen.length) return;
    const grown = new Uint8Array(Math.max(16, numGroups, this.seen.length * 2));
    grown.set(this.seen);
    this.seen = grown;
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    for (let i = 0; i < count; i++) {
      this.offer(groups[i] as number, column, selection === null ? i : (selection[i] as number));
    }
  }

  save(numGroups: number): Batch {
    const seen = makeColumn(uint8(), numGroups, { values: this.seen.slice(0, numGroups) });
    return trustedBatch(this.stateSchema, numGroups, [this.slots.toColumn(null, numGroups), seen]);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const [value, seen] = state.columns as [Column, Column];
    for (let g = 0; g < state.numRows; g++) {
      const group = mapping[g] as number;
      if (group >= 0 && seen.values[g] === 1) this.offer(group, value, g);
    }
  }

  finish(groups: Int32Array | null, count: number): Column {
    return finishedSlots(this.slots, this.type, groups, count);
  }

  retain(groups: Int32Array): void {
    this.slots.retain(groups);
    const kept = new Uint8Array(Math.max(16, groups.length));
    for (let i = 0; i < groups.length; i++) kept[i] = this.seen[groups[i] as number] as number;
    this.seen = kept;
  }

  private offer(group: number, column: Column, row: number): void {
    if (this.seen[group] === 1 && this.choice !== 'last') return;
    if (this.choice === 'any' && !isValid(column, row)) return;
    this.seen[group] = 1;
    this.slots.set(group, column, row);
  }
}
