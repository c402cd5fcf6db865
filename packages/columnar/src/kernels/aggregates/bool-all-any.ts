import type { Batch } from '../../batch/batch.js';
import { bitAt, bytesForBits } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { type Accumulator, grownFloats, keptFloats } from './accumulator.js';
import { floatState, floatsOf } from './state-batch.js';

/** Whether all (`and`) or some (`or`) of a group's bools are true; nulls do not count. */
export class BoolAccumulator implements Accumulator {
  private trues = new Float64Array(0);
  private counts = new Float64Array(0);
  private readonly type: DataType;
  private readonly all: boolean;

  constructor(type: DataType, all: boolean) {
    this.type = type;
    this.all = all;
  }

  get bytes(): number {
    return 2 * this.counts.byteLength;
  }

  reserve(numGroups: number): void {
    this.trues = grownFloats(this.trues, numGroups);
    this.counts = grownFloats(this.counts, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const bits = column.values as Uint8Array;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (isValid(column, row)) this.add(groups[i] as number, bitAt(bits, column.bitOffset + row), 1);
    }
  }

  private add(group: number, trues: number, count: number): void {
    this.trues[group] = (this.trues[group] as number) + trues;
    this.counts[group] = (this.counts[group] as number) + count;
  }

  save(numGroups: number): Batch {
    return floatState({ trues: this.trues, count: this.counts }, numGroups);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const trues = floatsOf(state, 'trues');
    const counts = floatsOf(state, 'count');
    for (let g = 0; g < state.numRows; g++) {
      const group = mapping[g] as number;
      if (group >= 0) this.add(group, trues[g] as number, counts[g] as number);
    }
  }

  finish(groups: Int32Array | null, count: number): Column {
    const values = new Uint8Array(bytesForBits(count));
    const validity = new Uint8Array(bytesForBits(count));
    for (let i = 0; i < count; i++) {
      const group = groups === null ? i : (groups[i] as number);
      const trues = this.trues[group] as number;
      const total = this.counts[group] as number;
      const holds = this.all ? trues === total : trues > 0;
      if (holds) values[i >> 3] = (values[i >> 3] as number) | (1 << (i & 7));
      if (total > 0) validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
    }
    return makeColumn(this.type, count, { values, validity: this.type.nullable ? validity : null });
  }

  retain(groups: Int32Array): void {
    this.trues = keptFloats(this.trues, groups);
    this.counts = keptFloats(this.counts, groups);
  }
}
