import type { Batch } from '../../batch/batch.js';
import { trustedBatch } from '../../batch/batch-factory.js';
import { bytesForBits } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import type { DataType, List } from '../../schema/data-type.js';
import { defineSchema } from '../../schema/define-schema.js';
import type { Schema } from '../../schema/schema.js';
import { int32, withNullability } from '../../schema/types.js';
import { sortRows } from '../sort.js';
import { takeColumn } from '../take.js';
import type { Accumulator } from './accumulator.js';
import { CollectedValues } from './collected-values.js';
import { mappedRows } from './mapped-rows.js';

/** How many of a group's values are kept, and which. */
export interface TopRule {
  readonly count: number;
  readonly largest: boolean;
}

/** Rows that may wait before lists are cut to their length. */
const SLACK = 8192;

/**
 * The values of each group as a list: all of them in order of arrival, or the `count` largest or smallest in order.
 * Nulls do not count; a group without values gives null where the type has nulls, else an empty list.
 *
 * State: one row per value; with a rule at most 2 · count · groups + 8192 rows, sorted and cut when there are more.
 * Merging appends one state's rows behind the other's, so a list keeps the order of arrival inside each part.
 */
export class ListAccumulator implements Accumulator {
  private readonly collected: CollectedValues;
  private readonly stateSchema: Schema;
  private readonly type: List;
  private readonly top: TopRule | null;
  private numGroups = 0;
  /** Rows left by the last cut. */
  private keptRows = 0;

  constructor(input: DataType, type: List, top: TopRule | null) {
    const value = withNullability(input, false);
    this.collected = new CollectedValues(value);
    this.stateSchema = defineSchema({ group: int32(), value });
    this.type = type;
    this.top = top;
  }

  get bytes(): number {
    return this.collected.bytes;
  }

  reserve(numGroups: number): void {
    this.numGroups = Math.max(this.numGroups, numGroups);
  }

  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void {
    this.collected.add(groups, count, column, selection);
    if (this.top !== null && this.collected.size > 2 * this.keptRows + SLACK) this.cut(this.top);
  }

  save(): Batch {
    if (this.top !== null) this.cut(this.top);
    return trustedBatch(this.stateSchema, this.collected.size, this.collected.columns());
  }

  merge(state: Batch, mapping: Int32Array): void {
    const [owners, values] = state.columns as [Column, Column];
    const targets = Int32Array.from({ length: state.numRows }, (_, i) => mapping[owners.values[i] as number] as number);
    const { groups, selection } = mappedRows(targets, state.numRows);
    this.update(groups, groups.length, values, selection);
  }

  finish(groups: Int32Array | null, count: number): Column {
    if (this.top !== null) this.cut(this.top);
    const [owners, values] = this.collected.columns();
    const starts = startsOf(owners.values as Int32Array, this.numGroups);
    const offsets = new Int32Array(count + 1);
    const validity = new Uint8Array(bytesForBits(count));
    for (let i = 0; i < count; i++) {
      const group = groups === null ? i : (groups[i] as number);
      const length = (starts[group + 1] as number) - (starts[group] as number);
      offsets[i + 1] = (offsets[i] as number) + length;
      if (length > 0) validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
    }
    const rows = this.rowsByGroup(owners.values as Int32Array, starts, groups, offsets, count);
    const items = takeColumn(values, rows, rows.length, this.type.item);
    return makeColumn(this.type, count, { offsets, children: [items], validity: this.type.nullable ? validity : null });
  }

  retain(groups: Int32Array): void {
    this.collected.retain(groups, this.numGroups);
    this.numGroups = groups.length;
    this.keptRows = this.collected.size;
  }

  /** The rows of the given groups, one group after the other, in order of arrival. */
  private rowsByGroup(
    owners: Int32Array,
    starts: Int32Array,
    groups: Int32Array | null,
    offsets: Int32Array,
    count: number,
  ): Int32Array {
    const next = starts.slice(0, this.numGroups);
    const byGroup = new Int32Array(owners.length);
    for (let row = 0; row < owners.length; row++) {
      const group = owners[row] as number;
      const at = next[group] as number;
      byGroup[at] = row;
      next[group] = at + 1;
    }
    if (groups === null) return byGroup.subarray(0, offsets[count]);
    const rows = new Int32Array(offsets[count] as number);
    for (let i = 0; i < count; i++) {
      const group = groups[i] as number;
      rows.set(byGroup.subarray(starts[group], starts[group + 1]), offsets[i]);
    }
    return rows;
  }

  /** Sorts the values of each group and drops those beyond the rule's count. */
  private cut({ count, largest }: TopRule): void {
    const columns = this.collected.columns();
    const order = { descending: largest, nullsFirst: false };
    const sorted = sortRows(columns, [{ descending: false, nullsFirst: false }, order], this.collected.size);
    const owners = columns[0].values as Int32Array;
    let group = -1;
    let taken = 0;
    const rows = sorted.filter((row) => {
      taken = owners[row] === group ? taken + 1 : 1;
      group = owners[row] as number;
      return taken <= count;
    });
    this.collected.keep(rows, (owner) => owner);
    this.keptRows = rows.length;
  }
}

/** Where each group's rows start when rows stand by group. */
function startsOf(owners: Int32Array, numGroups: number): Int32Array {
  const starts = new Int32Array(numGroups + 1);
  for (const owner of owners) starts[owner + 1] = (starts[owner + 1] as number) + 1;
  for (let group = 0; group < numGroups; group++) {
    starts[group + 1] = (starts[group + 1] as number) + (starts[group] as number);
  }
  return starts;
}
