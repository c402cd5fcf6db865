import type { Batch } from '../../batch/batch.js';
import type { Column } from '../../batch/column.js';
import { isValid } from '../../batch/make-column.js';
import { layoutOf } from '../../schema/layout.js';
import { grownFloats, keptFloats } from './accumulator.js';
import { floatState, floatsOf } from './state-batch.js';

const TWO_32 = 4294967296;
const CARRY_AT = 2 ** 52;

/** Running sums of numbers per group, with the number of values that went in. */
export interface Sums {
  readonly bytes: number;
  /** Values added to a group. */
  count(group: number): number;
  /** The sum as a float. */
  total(group: number): number;
  reserve(numGroups: number): void;
  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void;
  save(numGroups: number): Batch;
  merge(state: Batch, mapping: Int32Array): void;
  retain(groups: Int32Array): void;
}

/**
 * Exact sums of integers of up to 64 bits: the low and high words are summed apart as floats, which stay exact below
 * 2^53, and the low sum is carried into the high one before it gets there.
 */
export class IntegerSums implements Sums {
  low = new Float64Array(0);
  high = new Float64Array(0);
  private counts = new Float64Array(0);

  get bytes(): number {
    return 3 * this.counts.byteLength;
  }

  count(group: number): number {
    return this.counts[group] as number;
  }

  total(group: number): number {
    return (this.high[group] as number) * TWO_32 + (this.low[group] as number);
  }

  reserve(numGroups: number): void {
    this.low = grownFloats(this.low, numGroups);
    this.high = grownFloats(this.high, numGroups);
    this.counts = grownFloats(this.counts, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const layout = layoutOf(column.type);
    if (layout.shape === 'fixed' && layout.width === 2) {
      if (column.type.kind === 'uint64') this.addUnsignedPairs(groups, count, column, selection);
      else this.addPairs(groups, count, column, selection);
    } else this.addNumbers(groups, count, column, selection);
  }

  private addPairs(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const values = column.values as Int32Array;
    const { low, high, counts } = this;
    const hasNulls = column.validity !== null;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (hasNulls && !isValid(column, row)) continue;
      const group = groups[i] as number;
      counts[group] = (counts[group] as number) + 1;
      high[group] = (high[group] as number) + (values[2 * row + 1] as number);
      const sum = (low[group] as number) + ((values[2 * row] as number) >>> 0);
      low[group] = sum;
      if (sum >= CARRY_AT) this.carry(group);
    }
  }

  private addUnsignedPairs(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const values = column.values as Int32Array;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (!isValid(column, row)) continue;
      this.add(groups[i] as number, (values[2 * row] as number) >>> 0, (values[2 * row + 1] as number) >>> 0);
    }
  }

  private addNumbers(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const { values } = column;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (isValid(column, row)) this.add(groups[i] as number, values[row] as number, 0);
    }
  }

  private add(group: number, low: number, high: number): void {
    this.counts[group] = (this.counts[group] as number) + 1;
    this.high[group] = (this.high[group] as number) + high;
    this.low[group] = (this.low[group] as number) + low;
    if (Math.abs(this.low[group] as number) >= CARRY_AT) this.carry(group);
  }

  /** Moves whole multiples of 2^32 from the low sum to the high one; the low sum is then 0 … 2^32 − 1. */
  carry(group: number): void {
    const over = Math.floor((this.low[group] as number) / TWO_32);
    this.low[group] = (this.low[group] as number) - over * TWO_32;
    this.high[group] = (this.high[group] as number) + over;
  }

  save(numGroups: number): Batch {
    return floatState({ low: this.low, high: this.high, count: this.counts }, numGroups);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const low = floatsOf(state, 'low');
    const high = floatsOf(state, 'high');
    const counts = floatsOf(state, 'count');
    for (let g = 0; g < state.numRows; g++) {
      const group = mapping[g] as number;
      if (group < 0) continue;
      this.add(group, low[g] as number, high[g] as number);
      this.counts[group] = (this.counts[group] as number) - 1 + (counts[g] as number);
    }
  }

  retain(groups: Int32Array): void {
    this.low = keptFloats(this.low, groups);
    this.high = keptFloats(this.high, groups);
    this.counts = keptFloats(this.counts, groups);
  }
}

/**
 * Sums of floats that keep what every addition loses (Neumaier's sum, with Knuth's TwoSum instead of a comparison): the
 * error does not grow with the number of values.
 */
export class FloatSums implements Sums {
  private sums = new Float64Array(0);
  private lost = new Float64Array(0);
  private counts = new Float64Array(0);

  get bytes(): number {
    return 3 * this.counts.byteLength;
  }

  count(group: number): number {
    return this.counts[group] as number;
  }

  total(group: number): number {
    const sum = this.sums[group] as number;
    // Infinities make the lost part NaN, which must not spoil them.
    return Number.isFinite(sum) ? sum + (this.lost[group] as number) : sum;
  }

  reserve(numGroups: number): void {
    this.sums = grownFloats(this.sums, numGroups);
    this.lost = grownFloats(this.lost, numGroups);
    this.counts = grownFloats(this.counts, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const { values } = column;
    if (values instanceof Float64Array && column.validity === null && selection === null) {
      this.addAll(groups, count, values);
      return;
    }
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (!isValid(column, row)) continue;
      const group = groups[i] as number;
      this.counts[group] = (this.counts[group] as number) + 1;
      this.add(group, values[row] as number);
    }
  }

  /** `add` for every row, with everything at hand. */
  private addAll(groups: Int32Array, count: number, values: Float64Array): void {
    const { sums, lost, counts } = this;
    for (let i = 0; i < count; i++) {
      const group = groups[i] as number;
      const value = values[i] as number;
      const sum = sums[group] as number;
      const next = sum + value;
      const part = next - sum;
      counts[group] = (counts[group] as number) + 1;
      lost[group] = (lost[group] as number) + (sum - (next - part) + (value - part));
      sums[group] = next;
    }
  }

  private add(group: number, value: number): void {
    const sum = this.sums[group] as number;
    const next = sum + value;
    const part = next - sum;
    this.lost[group] = (this.lost[group] as number) + (sum - (next - part) + (value - part));
    this.sums[group] = next;
  }

  save(numGroups: number): Batch {
    return floatState({ sum: this.sums, lost: this.lost, count: this.counts }, numGroups);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const sums = floatsOf(state, 'sum');
    const lost = floatsOf(state, 'lost');
    const counts = floatsOf(state, 'count');
    for (let g = 0; g < state.numRows; g++) {
      const group = mapping[g] as number;
      if (group < 0) continue;
      this.add(group, sums[g] as number);
      this.lost[group] = (this.lost[group] as number) + (lost[g] as number);
      this.counts[group] = (this.counts[group] as number) + (counts[g] as number);
    }
  }

  retain(groups: Int32Array): void {
    this.sums = keptFloats(this.sums, groups);
    this.lost = keptFloats(this.lost, groups);
    this.counts = keptFloats(this.counts, groups);
  }
}
