import type { Batch } from '../../batch/batch.js';
import { trustedBatch } from '../../batch/batch-factory.js';
import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import { highOf, lowOf } from '../../batch/wide.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema } from '../../schema/define-schema.js';
import { int32, uint8 } from '../../schema/types.js';
import { hashColumns } from '../hash.js';
import type { Accumulator } from './accumulator.js';
import { EntryTable } from './entry-table.js';
import { mappedRows } from './mapped-rows.js';

const INDEX_BITS = 12;
const REGISTERS = 1 << INDEX_BITS;
const RANKS = 32 - INDEX_BITS;
const stateSchema = defineSchema({ group: int32(), register: int32(), rank: uint8() });

/**
 * About how many distinct values there are per group, by HyperLogLog with 4096 registers (Flajolet et al. 2007) and the
 * estimator of Ertl (arXiv 1702.01284, algorithm 6), which needs no correction for small numbers. Standard error 1.6 %
 * up to about 100 million values, where 32-bit hashes begin to collide. Nulls do not count.
 *
 * State: only the registers that are set, at most 4096 per group. Merging takes the greater rank, so any split gives
 * the same answer.
 */
export class ApproxDistinctAccumulator implements Accumulator {
  private readonly entries = new EntryTable(int32());
  private readonly type: DataType;
  private ranks = new Uint8Array(0);
  private numGroups = 0;

  constructor(type: DataType) {
    this.type = type;
  }

  get bytes(): number {
    return this.entries.bytes + this.ranks.length;
  }

  reserve(numGroups: number): void {
    this.numGroups = Math.max(this.numGroups, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    const { registers, ranks } = registersOf(column);
    this.raise(groups, count, registers, ranks, selection);
  }

  save(): Batch {
    const { size } = this.entries;
    const ranks = makeColumn(uint8(), size, { values: this.ranks.slice(0, size) });
    return trustedBatch(stateSchema, size, [...this.entries.columns(), ranks]);
  }

  merge(state: Batch, mapping: Int32Array): void {
    const [owners, registers, ranks] = state.columns as [Column, Column, Column];
    const targets = Int32Array.from({ length: state.numRows }, (_, i) => mapping[owners.values[i] as number] as number);
    const { groups, selection } = mappedRows(targets, state.numRows);
    this.raise(groups, groups.length, registers, ranks.values as Uint8Array, selection);
  }

  finish(groups: Int32Array | null, count: number): Column {
    const estimates = this.estimatePerGroup();
    const values = new Int32Array(2 * count);
    for (let i = 0; i < count; i++) {
      const estimate = estimates[groups === null ? i : (groups[i] as number)] as number;
      values[2 * i] = lowOf(estimate);
      values[2 * i + 1] = highOf(estimate);
    }
    return makeColumn(this.type, count, { values });
  }

  retain(groups: Int32Array): void {
    const kept = this.entries.retain(groups, this.numGroups);
    this.ranks = Uint8Array.from(kept, (entry) => this.ranks[entry] as number);
    this.numGroups = groups.length;
  }

  private raise(
    groups: Int32Array,
    count: number,
    registers: Column,
    ranks: Uint8Array,
    selection: Int32Array | null,
  ): void {
    const { ids } = this.entries.add(groups, count, registers, selection);
    if (this.entries.size > this.ranks.length) {
      const grown = new Uint8Array(Math.max(64, this.entries.size, this.ranks.length * 2));
      grown.set(this.ranks);
      this.ranks = grown;
    }
    let i = 0;
    for (let at = 0; at < count; at++) {
      const row = selection === null ? at : (selection[at] as number);
      const rank = ranks[row] as number;
      // Null rows have no rank and no entry.
      if (rank === 0) continue;
      const entry = ids[i++] as number;
      if (rank > (this.ranks[entry] as number)) this.ranks[entry] = rank;
    }
  }

  private estimatePerGroup(): Float64Array {
    const [owners] = this.entries.columns();
    const counts = new Int32Array(this.numGroups * (RANKS + 2));
    for (let entry = 0; entry < this.entries.size; entry++) {
      const at = (owners.values[entry] as number) * (RANKS + 2) + (this.ranks[entry] as number);
      counts[at] = (counts[at] as number) + 1;
    }
    return Float64Array.from({ length: this.numGroups }, (_, group) =>
      estimate(counts.subarray(group * (RANKS + 2), (group + 1) * (RANKS + 2))),
    );
  }
}

/** The register of every row, null for null rows, and the rank there, 0 for null rows. */
function registersOf(column: Column): { registers: Column; ranks: Uint8Array } {
  const { length, validity, bitOffset } = column;
  const hashes = hashColumns([column], length, new Uint32Array(length));
  const registers = new Int32Array(length);
  const ranks = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    const bit = bitOffset + row;
    if (validity !== null && (((validity[bit >> 3] as number) >> (bit & 7)) & 1) === 0) continue;
    const hash = hashes[row] as number;
    registers[row] = hash >>> RANKS;
    ranks[row] = Math.min(RANKS, Math.clz32(hash << INDEX_BITS)) + 1;
  }
  return {
    registers: makeColumn({ kind: 'int32', nullable: true }, length, { values: registers, validity, bitOffset }),
    ranks,
  };
}

/** The number of values, out of how many registers have which rank; rank 0 is what is left of all registers. */
function estimate(counts: Int32Array): number {
  let set = 0;
  for (let rank = 1; rank <= RANKS + 1; rank++) set += counts[rank] as number;
  if (set === 0) return 0;
  let z = REGISTERS * tau(1 - (counts[RANKS + 1] as number) / REGISTERS);
  for (let rank = RANKS; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] as number));
  z += REGISTERS * sigma((REGISTERS - set) / REGISTERS);
  return Math.round((REGISTERS / (2 * Math.LN2)) * (REGISTERS / z));
}

/** x + Σ x^(2^k) · 2^(k−1). */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let power = share;
  let weight = 1;
  let sum = share;
  for (let before = -1; sum !== before; ) {
    power *= power;
    before = sum;
    sum += power * weight;
    weight += weight;
  }
  return sum;
}

/** (1 − x − Σ (1 − x^(2^−k))² · 2^−k) / 3. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let weight = 1;
  let sum = 1 - share;
  for (let before = -1; sum !== before; ) {
    root = Math.sqrt(root);
    before = sum;
    weight *= 0.5;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
