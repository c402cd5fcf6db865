import type { Batch } from '../../batch/batch.js';
import { bytesForBits } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import type { Accumulator } from './accumulator.js';
import { FloatSums, IntegerSums, type Sums } from './sums.js';

/** What sums and means share: everything but the result. */
abstract class SumsAccumulator<S extends Sums> implements Accumulator {
  protected readonly sums: S;
  protected readonly type: DataType;
  protected readonly name: string;

  constructor(sums: S, type: DataType, name: string) {
    this.sums = sums;
    this.type = type;
    this.name = name;
  }

  get bytes(): number {
    return this.sums.bytes;
  }

  reserve(numGroups: number): void {
    this.sums.reserve(numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    this.sums.update(groups, count, column, selection);
  }

  save(numGroups: number): Batch {
    return this.sums.save(numGroups);
  }

  merge(state: Batch, mapping: Int32Array): void {
    this.sums.merge(state, mapping);
  }

  retain(groups: Int32Array): void {
    this.sums.retain(groups);
  }

  abstract finish(groups: Int32Array | null, count: number): Column;

  /** Valid where a group has values. */
  protected validity(groups: Int32Array | null, count: number): Uint8Array | null {
    if (!this.type.nullable) return null;
    const bits = new Uint8Array(bytesForBits(count));
    for (let i = 0; i < count; i++) {
      const filled = this.sums.count(groups === null ? i : (groups[i] as number)) > 0 ? 1 : 0;
      bits[i >> 3] = (bits[i >> 3] as number) | (filled << (i & 7));
    }
    return bits;
  }
}

class IntegerSumAccumulator extends SumsAccumulator<IntegerSums> {
  finish(groups: Int32Array | null, count: number): Column {
    const { sums } = this;
    const unsigned = this.type.kind === 'uint64';
    const values = new Int32Array(2 * count);
    for (let i = 0; i < count; i++) {
      const group = groups === null ? i : (groups[i] as number);
      sums.carry(group);
      const high = sums.high[group] as number;
      if (unsigned ? high < 0 || high >= 2 ** 32 : high < -(2 ** 31) || high >= 2 ** 31) throw this.overflow();
      values[2 * i] = sums.low[group] as number;
      values[2 * i + 1] = high;
    }
    return makeColumn(this.type, count, { values, validity: this.validity(groups, count) });
  }

  private overflow(): Error {
    return errors.error('ARITHMETIC_OVERFLOW', {
      what: `the sum of column "${this.name}" left its range`,
      why: `it is ${describeType(this.type)}`,
      remedy: 'Sum a float64 cast of the column, which rounds instead.',
    });
  }
}

class FloatSumAccumulator extends SumsAccumulator<FloatSums> {
  finish(groups: Int32Array | null, count: number): Column {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.sums.total(groups === null ? i : (groups[i] as number));
    return makeColumn(this.type, count, { values, validity: this.validity(groups, count) });
  }
}

class MeanAccumulator extends SumsAccumulator<Sums> {
  finish(groups: Int32Array | null, count: number): Column {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const group = groups === null ? i : (groups[i] as number);
      values[i] = this.sums.total(group) / this.sums.count(group);
    }
    return makeColumn(this.type, count, { values, validity: this.validity(groups, count) });
  }
}

function isFloat(type: DataType): boolean {
  return type.kind === 'float32' || type.kind === 'float64';
}

/** The sum of a numeric column: exact for integers, compensated for floats. */
export function sumAccumulator(input: DataType, output: DataType, name: string): Accumulator {
  return isFloat(input)
    ? new FloatSumAccumulator(new FloatSums(), output, name)
    : new IntegerSumAccumulator(new IntegerSums(), output, name);
}

/** The mean of a numeric column, out of exact or compensated sums. */
export function meanAccumulator(input: DataType, output: DataType, name: string): Accumulator {
  return new MeanAccumulator(isFloat(input) ? new FloatSums() : new IntegerSums(), output, name);
}
