import type { Batch } from '../../batch/batch.js';
import type { Column } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import { highOf, lowOf } from '../../batch/wide.js';
import type { DataType } from '../../schema/data-type.js';
import { type Accumulator, grownFloats, keptFloats } from './accumulator.js';
import { floatState, floatsOf } from './state-batch.js';

/** Counts rows, or rows where a column is not null. */
export class CountAccumulator implements Accumulator {
  private counts = new Float64Array(0);
  private readonly type: DataType;
  private readonly allRows: boolean;

  constructor(type: DataType, allRows: boolean) {
    this.type = type;
    this.allRows = allRows;
  }

  get bytes(): number {
    return this.counts.byteLength;
  }

  reserve(numGroups: number): void {
    this.counts = grownFloats(this.counts, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const { counts } = this;
    const everyRow = this.allRows || column.validity === null;
    for (let i = 0; i < count; i++) {
      if (!everyRow && !isValid(column, selection === null ? i : (selection[i] as number))) continue;
      const group = groups[i] as number;
      counts[group] = (counts[group] as number) + 1;
    }
  }

  save(numGroups: number): Batch {
    return floatState({ count: this.counts }, numGroups);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const more = floatsOf(state, 'count');
    for (let g = 0; g < state.numRows; g++) {
      const group = mapping[g] as number;
      if (group < 0) continue;
      this.counts[group] = (this.counts[group] as number) + (more[g] as number);
    }
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
    this.counts = keptFloats(this.counts, groups);
  }
}
