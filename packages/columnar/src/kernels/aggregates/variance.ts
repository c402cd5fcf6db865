import type { Batch } from '../../batch/batch.js';
import { bytesForBits } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import { wideToNumber } from '../../batch/wide.js';
import type { DataType } from '../../schema/data-type.js';
import { layoutOf } from '../../schema/layout.js';
import { type Accumulator, grownFloats, keptFloats } from './accumulator.js';
import { floatState, floatsOf } from './state-batch.js';

/**
 * Variance or standard deviation per group by Welford's method, merged by Chan, Golub and LeVeque's formula.
 *
 * `freedom` is 1 for a sample, 0 for a population; groups of `freedom` values or fewer give null.
 */
export class VarianceAccumulator implements Accumulator {
  private counts = new Float64Array(0);
  private means = new Float64Array(0);
  private squares = new Float64Array(0);
  private readonly type: DataType;
  private readonly freedom: 0 | 1;
  private readonly root: boolean;

  constructor(type: DataType, freedom: 0 | 1, root: boolean) {
    this.type = type;
    this.freedom = freedom;
    this.root = root;
  }

  get bytes(): number {
    return 3 * this.counts.byteLength;
  }

  reserve(numGroups: number): void {
    this.counts = grownFloats(this.counts, numGroups);
    this.means = grownFloats(this.means, numGroups);
    this.squares = grownFloats(this.squares, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const { values } = column;
    const layout = layoutOf(column.type);
    const wide = layout.shape === 'fixed' && layout.width === 2;
    const unsigned = column.type.kind === 'uint64';
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (!isValid(column, row)) continue;
      const value = wide
        ? wideToNumber(
            values[2 * row] as number,
            unsigned ? (values[2 * row + 1] as number) >>> 0 : (values[2 * row + 1] as number),
          )
        : (values[row] as number);
      this.add(groups[i] as number, value);
    }
  }

  private add(group: number, value: number): void {
    const count = (this.counts[group] as number) + 1;
    const mean = this.means[group] as number;
    const moved = mean + (value - mean) / count;
    this.counts[group] = count;
    this.means[group] = moved;
    this.squares[group] = (this.squares[group] as number) + (value - mean) * (value - moved);
  }

  save(numGroups: number): Batch {
    return floatState({ count: this.counts, mean: this.means, squares: this.squares }, numGroups);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const counts = floatsOf(state, 'count');
    const means = floatsOf(state, 'mean');
    const squares = floatsOf(state, 'squares');
    for (let g = 0; g < state.numRows; g++) {
      const group = mapping[g] as number;
      if (group < 0) continue;
      const own = this.counts[group] as number;
      const total = own + (counts[g] as number);
      if (total === own) continue;
      const apart = (means[g] as number) - (this.means[group] as number);
      const share = (counts[g] as number) / total;
      this.means[group] = (this.means[group] as number) + apart * share;
      this.squares[group] = (this.squares[group] as number) + (squares[g] as number) + apart * apart * own * share;
      this.counts[group] = total;
    }
  }

  finish(groups: Int32Array | null, count: number): Column {
    const values = new Float64Array(count);
    const validity = new Uint8Array(bytesForBits(count));
    for (let i = 0; i < count; i++) {
      const group = groups === null ? i : (groups[i] as number);
      const degrees = (this.counts[group] as number) - this.freedom;
      if (degrees <= 0) continue;
      const variance = (this.squares[group] as number) / degrees;
      values[i] = this.root ? Math.sqrt(variance) : variance;
      validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
    }
    return makeColumn(this.type, count, { values, validity });
  }

  retain(groups: Int32Array): void {
    this.counts = keptFloats(this.counts, groups);
    this.means = keptFloats(this.means, groups);
    this.squares = keptFloats(this.squares, groups);
  }
}
