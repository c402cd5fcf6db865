import type { Batch } from '../../batch/batch.js';
import { trustedBatch } from '../../batch/batch-factory.js';
import { bytesForBits } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import { wideToNumber } from '../../batch/wide.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema } from '../../schema/define-schema.js';
import { layoutOf } from '../../schema/layout.js';
import { float64, int32 } from '../../schema/types.js';
import { sortRows } from '../sort.js';
import { type Accumulator, grownFloats } from './accumulator.js';
import { EntryTable } from './entry-table.js';
import { mappedRows } from './mapped-rows.js';

const ACCURACY = 0.01;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** Larger than the index of every positive float, so that shifted indexes of small numbers stay positive. */
const SHIFT = 40_000;
const stateSchema = defineSchema({ group: int32(), bucket: int32(), count: float64() });

/**
 * Quantiles within 1 % of the value by DDSketch (Masson, Rim, Lee, VLDB 2019): values are counted in buckets whose
 * bounds grow by a constant factor. Merging adds counts, so any split gives the same answer. Nulls and NaN do not count.
 */
export class QuantileAccumulator implements Accumulator {
  private readonly entries = new EntryTable(int32());
  private readonly type: DataType;
  private readonly quantile: number;
  private counts = new Float64Array(0);
  private numGroups = 0;

  constructor(type: DataType, quantile: number) {
    this.type = type;
    this.quantile = quantile;
  }

  get bytes(): number {
    return this.entries.bytes + this.counts.byteLength;
  }

  reserve(numGroups: number): void {
    this.numGroups = Math.max(this.numGroups, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const { ids } = this.entries.add(groups, count, bucketsOf(column), selection);
    this.counts = grownFloats(this.counts, this.entries.size);
    for (let i = 0; i < ids.length; i++) {
      const entry = ids[i] as number;
      this.counts[entry] = (this.counts[entry] as number) + 1;
    }
  }

  save(): Batch {
    const { size } = this.entries;
    const counts = makeColumn(float64(), size, { values: this.counts.slice(0, size) });
    return trustedBatch(stateSchema, size, [...this.entries.columns(), counts]);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const [owners, buckets, counts] = state.columns as [Column, Column, Column];
    const targets = Int32Array.from({ length: state.numRows }, (_, i) => mapping[owners.values[i] as number] as number);
    const { groups, selection } = mappedRows(targets, state.numRows);
    const { ids } = this.entries.add(groups, groups.length, buckets, selection);
    this.counts = grownFloats(this.counts, this.entries.size);
    for (let i = 0; i < ids.length; i++) {
      const entry = ids[i] as number;
      this.counts[entry] =
        (this.counts[entry] as number) + (counts.values[selection === null ? i : (selection[i] as number)] as number);
    }
  }

  finish(groups: Int32Array | null, count: number): Column {
    const results = this.resultPerGroup();
    const values = new Float64Array(count);
    const validity = new Uint8Array(bytesForBits(count));
    for (let i = 0; i < count; i++) {
      const result = results[groups === null ? i : (groups[i] as number)] as number;
      if (Number.isNaN(result)) continue;
      values[i] = result;
      validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
    }
    return makeColumn(this.type, count, { values, validity });
  }

  retain(groups: Int32Array): void {
    const kept = this.entries.retain(groups, this.numGroups);
    const counts = new Float64Array(Math.max(16, kept.length));
    kept.forEach((entry, i) => {
      counts[i] = this.counts[entry] as number;
    });
    this.counts = counts;
    this.numGroups = groups.length;
  }

  /** The quantile of every group, NaN for groups without values. */
  private resultPerGroup(): Float64Array {
    const [owners, buckets] = this.entries.columns();
    const totals = new Float64Array(this.numGroups);
    for (let entry = 0; entry < this.entries.size; entry++) {
      const group = owners.values[entry] as number;
      totals[group] = (totals[group] as number) + (this.counts[entry] as number);
    }
    const results = new Float64Array(this.numGroups).fill(Number.NaN);
    const seen = new Float64Array(this.numGroups);
    for (const entry of sortRows([owners, buckets], [], this.entries.size)) {
      const group = owners.values[entry] as number;
      const rank = this.quantile * ((totals[group] as number) - 1);
      const before = seen[group] as number;
      seen[group] = before + (this.counts[entry] as number);
      if (before <= rank && rank < (seen[group] as number)) results[group] = middleOf(buckets.values[entry] as number);
    }
    return results;
  }
}

/** The bucket of every number; NaN is null. Buckets order as their numbers. */
function bucketsOf(column: Column): Column {
  const { length, values } = column;
  const layout = layoutOf(column.type);
  const wide = layout.shape === 'fixed' && layout.width === 2;
  const unsigned = column.type.kind === 'uint64';
  const buckets = new Int32Array(length);
  const validity = new Uint8Array(bytesForBits(length));
  for (let row = 0; row < length; row++) {
    const high = values[2 * row + 1] as number;
    const value = wide
      ? wideToNumber(values[2 * row] as number, unsigned ? high >>> 0 : high)
      : (values[row] as number);
    if (Number.isNaN(value)) continue;
    buckets[row] = bucketOf(value);
    validity[row >> 3] = (validity[row >> 3] as number) | (1 << (row & 7));
  }
  if (column.validity !== null) clearNulls(validity, column);
  return makeColumn({ kind: 'int32', nullable: true }, length, { values: buckets, validity });
}

function clearNulls(validity: Uint8Array, column: Column): void {
  for (let row = 0; row < column.length; row++) {
    const bit = column.bitOffset + row;
    const valid = (((column.validity as Uint8Array)[bit >> 3] as number) >> (bit & 7)) & 1;
    if (valid === 0) validity[row >> 3] = (validity[row >> 3] as number) & ~(1 << (row & 7));
  }
}

function bucketOf(value: number): number {
  if (value === 0) return 0;
  if (!Number.isFinite(value)) return value > 0 ? 2 ** 30 : -(2 ** 30);
  const bucket = Math.ceil(Math.log(Math.abs(value)) / LOG_GAMMA) + SHIFT;
  return value > 0 ? bucket : -bucket;
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 0;
  if (Math.abs(bucket) === 2 ** 30) return bucket > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return (Math.sign(bucket) * 2 * GAMMA ** (Math.abs(bucket) - SHIFT)) / (GAMMA + 1);
}
