import type { Batch } from '../../batch/batch.js';
import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import { errors } from '../../errors.js';
import { decodeIpcStream, encodeBatch } from '../../ipc/index.js';
import type { DataType, List } from '../../schema/data-type.js';
import { fieldType } from '../../schema/define-schema.js';
import type { Fields } from '../../schema/schema.js';
import { bool } from '../../schema/types.js';
import type { Accumulator } from './accumulator.js';
import { ApproxDistinctAccumulator } from './approx-distinct.js';
import { BoolAccumulator } from './bool-all-any.js';
import { CountAccumulator } from './count.js';
import { DecimalSumAccumulator } from './decimal-sum.js';
import { DistinctAccumulator } from './distinct.js';
import { ExtremeAccumulator } from './extreme.js';
import { RowAccumulator } from './first-last.js';
import type { AggregatePlan } from './plan.js';
import { QuantileAccumulator } from './quantile.js';
import type { AggregateSpec } from './spec.js';
import { meanAccumulator, sumAccumulator } from './sum-mean.js';
import { ListAccumulator } from './value-list.js';
import { VarianceAccumulator } from './variance.js';

/** The running states of all aggregates of a plan, for groups numbered by a `GroupTable`. */
export interface Accumulators<In extends Fields = Fields> {
  readonly plan: AggregatePlan<In>;
  /** Groups that exist: 0 … numGroups − 1. */
  readonly numGroups: number;
  /** Bytes of memory held. */
  readonly bytes: number;
  /**
   * Adds rows: element i of `groups` is the group of row i, or of row `selection[i]`.
   * `numGroups` is the table's size after assigning; groups without rows are empty.
   */
  update(groups: Int32Array, numGroups: number, batch: Batch<In>, selection?: Int32Array | null): void;
  /**
   * Adds another accumulators' state of the same plan: its group g goes to group `mapping[g]`, or nowhere where that
   * is −1. `other` may be this one, if no group that is read is also written.
   */
  merge(other: Accumulators<In>, mapping: Int32Array, numGroups: number): void;
  /** The result columns of all groups, or of the given ones, in the order of the plan's output schema. */
  finish(groups?: Int32Array): Column[];
  /** Keeps only the given groups and renumbers them: the i-th becomes group i. */
  retain(groups: Int32Array): void;
  clear(): void;
  snapshot(): Uint8Array;
  /** Replaces the state; `SNAPSHOT_INVALID` when the bytes are of another plan. */
  restore(bytes: Uint8Array): void;
}

/** Empty states for a plan. */
export function createAccumulators<In extends Fields>(plan: AggregatePlan<In>): Accumulators<In> {
  return new PlanAccumulators(plan);
}

class PlanAccumulators<In extends Fields> implements Accumulators<In> {
  readonly plan: AggregatePlan<In>;
  numGroups = 0;
  private states: readonly Accumulator[];

  constructor(plan: AggregatePlan<In>) {
    this.plan = plan;
    this.states = this.emptyStates();
  }

  get bytes(): number {
    return this.states.reduce((sum, state) => sum + state.bytes, 0);
  }

  update(groups: Int32Array, numGroups: number, batch: Batch<In>, selection: Int32Array | null = null): void {
    this.grow(numGroups);
    const count = selection?.length ?? batch.numRows;
    this.states.forEach((state, i) => {
      const { column } = this.plan.specs[i] as AggregateSpec;
      const input = column === null ? rowsOnly(batch.numRows) : batch.column(column as keyof In & string);
      state.update(groups, count, input, selection);
    });
  }

  merge(other: Accumulators<In>, mapping: Int32Array, numGroups: number): void {
    this.grow(numGroups);
    // Both were made here from the same plan.
    const { states } = other as PlanAccumulators<In>;
    this.states.forEach((state, i) => {
      state.merge((states[i] as Accumulator).save(other.numGroups), mapping);
    });
  }

  finish(groups?: Int32Array): Column[] {
    const count = groups?.length ?? this.numGroups;
    return this.states.map((state) => state.finish(groups ?? null, count));
  }

  retain(groups: Int32Array): void {
    for (const state of this.states) state.retain(groups);
    this.numGroups = groups.length;
  }

  clear(): void {
    this.numGroups = 0;
    this.states = this.emptyStates();
  }

  snapshot(): Uint8Array {
    return joinParts(
      this.numGroups,
      this.states.map((state) => encodeBatch(state.save(this.numGroups))),
    );
  }

  restore(bytes: Uint8Array): void {
    const { numGroups, parts } = splitParts(bytes);
    if (parts.length !== this.states.length) throw invalidSnapshot(`it holds ${parts.length} aggregates`);
    const states = this.emptyStates();
    const identity = Int32Array.from({ length: numGroups }, (_, group) => group);
    states.forEach((state, i) => {
      state.reserve(numGroups);
      const saved = decodeIpcStream(parts[i] as Uint8Array).batches[0];
      const expected = state.save(0).schema;
      if (saved === undefined || saved.schema.names.join() !== expected.names.join()) {
        throw invalidSnapshot(`aggregate ${i} has another kind of state`);
      }
      state.merge(saved, identity);
    });
    this.states = states;
    this.numGroups = numGroups;
  }

  private grow(numGroups: number): void {
    if (numGroups <= this.numGroups) return;
    this.numGroups = numGroups;
    for (const state of this.states) state.reserve(numGroups);
  }

  private emptyStates(): Accumulator[] {
    return this.plan.specs.map((spec) => createAccumulator(spec, this.plan));
  }
}

/** Stands for "a row" where an aggregate reads no column. */
function rowsOnly(numRows: number): Column {
  return makeColumn(bool(), numRows, {});
}

function createAccumulator(spec: AggregateSpec, plan: AggregatePlan): Accumulator {
  const { type, column } = spec;
  if (spec.kind === 'count') return new CountAccumulator(type, column === null);
  const name = column as string;
  const input: DataType = fieldType(plan.inputSchema, name);
  switch (spec.kind) {
    case 'sum':
      if (input.kind === 'decimal128') return new DecimalSumAccumulator(type, name, input.scale);
      return sumAccumulator(input, type, name);
    case 'mean':
      if (input.kind === 'decimal128') return new DecimalSumAccumulator(type, name, input.scale);
      return meanAccumulator(input, type, name);
    case 'min':
      return new ExtremeAccumulator(type, 1);
    case 'max':
      return new ExtremeAccumulator(type, -1);
    case 'variance':
    case 'stddev':
      return new VarianceAccumulator(type, spec.population === true ? 0 : 1, spec.kind === 'stddev');
    case 'first':
    case 'last':
    case 'any':
      return new RowAccumulator(type, spec.kind);
    case 'countDistinct':
      return new DistinctAccumulator(input, type);
    case 'approxCountDistinct':
      return new ApproxDistinctAccumulator(type);
    case 'list':
    case 'largest':
    case 'smallest': {
      const largest = spec.kind === 'largest';
      const top = spec.limit === undefined ? null : { count: spec.limit, largest };
      return new ListAccumulator(input, type as List, top);
    }
    case 'quantile':
      return new QuantileAccumulator(type, spec.quantile ?? 0.5);
    case 'boolAnd':
    case 'boolOr':
      return new BoolAccumulator(type, spec.kind === 'boolAnd');
  }
}

/** Frames parts: number of groups, number of parts, their lengths, then each part at a multiple of 8. */
function joinParts(numGroups: number, parts: readonly Uint8Array[]): Uint8Array {
  const header = (8 + 4 * parts.length + 7) & -8;
  const size = parts.reduce((sum, part) => sum + ((part.length + 7) & -8), header);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, numGroups, true);
  view.setUint32(4, parts.length, true);
  let at = header;
  parts.forEach((part, i) => {
    view.setUint32(8 + 4 * i, part.length, true);
    bytes.set(part, at);
    at += (part.length + 7) & -8;
  });
  return bytes;
}

function splitParts(bytes: Uint8Array): { numGroups: number; parts: Uint8Array[] } {
  if (bytes.length < 8) throw invalidSnapshot('it is too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(4, true);
  let at = (8 + 4 * count + 7) & -8;
  if (at > bytes.length) throw invalidSnapshot('it is too short');
  const parts: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(8 + 4 * i, true);
    if (at + length > bytes.length) throw invalidSnapshot('it is too short');
    parts.push(bytes.subarray(at, at + length));
    at += (length + 7) & -8;
  }
  return { numGroups: view.getUint32(0, true), parts };
}

function invalidSnapshot(why: string): Error {
  return errors.error('SNAPSHOT_INVALID', { what: 'cannot restore aggregates', why });
}
