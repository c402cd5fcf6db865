import type { Batch } from '../../batch/batch.js';
import { bytesForBits } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import { errors } from '../../errors.js';
import { exceedsPrecision } from '../../expressions/runtime/decimal-math.js';
import type { DataType } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import { type Accumulator, grownFloats, keptFloats } from './accumulator.js';
import { floatState, floatsOf } from './state-batch.js';

const TWO_32 = 4294967296;
/** Floats are exact up to 2^53; a word adds less than 2^32. */
const CARRY_AT = 2 ** 52;
const MAX_DIGITS = 38;

/**
 * The exact sum of decimals per group, or their mean as a float. Each of the four words of 32 bits is summed by itself
 * in a float, and carried over before the float would round: no BigInt, no rounding, and any split gives the same sum.
 */
export class DecimalSumAccumulator implements Accumulator {
  private words: Float64Array<ArrayBuffer>[] = [0, 1, 2, 3].map(() => new Float64Array(0));
  private counts = new Float64Array(0);
  private readonly type: DataType;
  private readonly name: string;
  private readonly scale: number;

  /** `type` is a decimal for sums and float64 for means. */
  constructor(type: DataType, name: string, scale: number) {
    this.type = type;
    this.name = name;
    this.scale = scale;
  }

  get bytes(): number {
    return 5 * this.counts.byteLength;
  }

  reserve(numGroups: number): void {
    this.words = this.words.map((sums) => grownFloats(sums, numGroups));
    this.counts = grownFloats(this.counts, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const values = column.values as Int32Array;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      if (!isValid(column, row)) continue;
      const at = 4 * row;
      this.add(
        groups[i] as number,
        (values[at] as number) >>> 0,
        (values[at + 1] as number) >>> 0,
        (values[at + 2] as number) >>> 0,
        values[at + 3] as number,
        1,
      );
    }
  }

  save(numGroups: number): Batch {
    for (let group = 0; group < numGroups; group++) this.carry(group);
    const [w0, w1, w2, w3] = this.words as [Float64Array, Float64Array, Float64Array, Float64Array];
    return floatState({ word0: w0, word1: w1, word2: w2, word3: w3, count: this.counts }, numGroups);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const [w0, w1, w2, w3] = ['word0', 'word1', 'word2', 'word3'].map((name) => floatsOf(state, name)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const counts = floatsOf(state, 'count');
    for (let g = 0; g < state.numRows; g++) {
      const group = mapping[g] as number;
      if (group < 0) continue;
      this.add(group, w0[g] as number, w1[g] as number, w2[g] as number, w3[g] as number, counts[g] as number);
    }
  }

  finish(groups: Int32Array | null, count: number): Column {
    const isMean = this.type.kind === 'float64';
    const values = isMean ? new Float64Array(count) : new Int32Array(4 * count);
    const validity = new Uint8Array(bytesForBits(count));
    for (let i = 0; i < count; i++) {
      const group = groups === null ? i : (groups[i] as number);
      const total = this.counts[group] as number;
      if (total === 0) continue;
      validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
      this.carry(group);
      if (isMean) values[i] = this.total(group) / total;
      else this.store(group, values as Int32Array, 4 * i);
    }
    return makeColumn(this.type, count, { values, validity: this.type.nullable ? validity : null });
  }

  retain(groups: Int32Array): void {
    this.words = this.words.map((sums) => keptFloats(sums, groups));
    this.counts = keptFloats(this.counts, groups);
  }

  private add(group: number, a0: number, a1: number, a2: number, a3: number, count: number): void {
    const [w0, w1, w2, w3] = this.words as [Float64Array, Float64Array, Float64Array, Float64Array];
    const s0 = (w0[group] as number) + a0;
    const s1 = (w1[group] as number) + a1;
    const s2 = (w2[group] as number) + a2;
    w0[group] = s0;
    w1[group] = s1;
    w2[group] = s2;
    w3[group] = (w3[group] as number) + a3;
    this.counts[group] = (this.counts[group] as number) + count;
    if (s0 >= CARRY_AT || s1 >= CARRY_AT || s2 >= CARRY_AT) this.carry(group);
  }

  /** Brings the lower words below 2^32. */
  private carry(group: number): void {
    for (let word = 0; word < 3; word++) {
      const sums = this.words[word] as Float64Array;
      const above = this.words[word + 1] as Float64Array;
      const over = Math.floor((sums[group] as number) / TWO_32);
      sums[group] = (sums[group] as number) - over * TWO_32;
      above[group] = (above[group] as number) + over;
    }
  }

  private total(group: number): number {
    const [w0, w1, w2, w3] = this.words.map((sums) => sums[group] as number) as [number, number, number, number];
    // By magnitude: two's complement would cancel out the digits of small negatives.
    const negative = w3 < 0;
    const [a0, a1, a2, a3] = negative
      ? [TWO_32 - w0, TWO_32 - 1 - w1, TWO_32 - 1 - w2, -1 - w3]
      : ([w0, w1, w2, w3] as const);
    const magnitude = ((a3 * TWO_32 + a2) * TWO_32 + a1) * TWO_32 + a0;
    return (negative ? -magnitude : magnitude) / 10 ** this.scale;
  }

  private store(group: number, values: Int32Array, at: number): void {
    const high = (this.words[3] as Float64Array)[group] as number;
    for (let word = 0; word < 4; word++) values[at + word] = (this.words[word] as Float64Array)[group] as number;
    const [w0, w1, w2, w3] = values.subarray(at, at + 4) as unknown as [number, number, number, number];
    if (high >= -(2 ** 31) && high < 2 ** 31 && !exceedsPrecision(w0, w1, w2, w3, MAX_DIGITS)) return;
    throw errors.error('ARITHMETIC_OVERFLOW', {
      what: `the sum of column "${this.name}" left its range`,
      why: `it is ${describeType(this.type)}`,
      remedy: 'Sum a float64 cast of the column, which rounds instead.',
    });
  }
}
