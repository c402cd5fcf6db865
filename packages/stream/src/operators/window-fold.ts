import type { Batch, Column, Schema } from '@sabot/columnar';
import { type AggregatePlan, createAccumulators } from '@sabot/columnar/kernels';

/** What is kept of the rows of each window and key, groups numbered from 0: accumulators, or the rows themselves. */
export interface WindowFold {
  readonly numGroups: number;
  readonly bytes: number;
  /** Adds rows: element i of `groups` is the group of row i, or of row `selection[i]`. */
  update(groups: Int32Array, numGroups: number, batch: Batch, selection?: Int32Array | null): void;
  /** Adds another fold of the same computation: its group g goes to group `mapping[g]`, or nowhere where that is −1. */
  merge(other: WindowFold, mapping: Int32Array, numGroups: number): void;
  /** The result columns of these groups. */
  finish(groups: Int32Array): readonly Column[];
  /** How many rows each group of the last `finish` gave; undefined: one each. */
  readonly rowsPerGroup?: Int32Array | undefined;
  /** Keeps only the given groups and renumbers them. */
  retain(groups: Int32Array): void;
  clear(): void;
  snapshot(): Uint8Array;
  restore(bytes: Uint8Array): void;
}

/** What is computed per window: described once, a fold per instance of the operator. */
export interface WindowComputation {
  readonly inputSchema: Schema;
  /** Of the result columns, without keys and bounds. */
  readonly outputSchema: Schema;
  create(): WindowFold;
}

/** Aggregates of columns. */
export function aggregateComputation(plan: AggregatePlan): WindowComputation {
  const { inputSchema, outputSchema } = plan;
  // Only folds of one computation are merged: the other's accumulators are of this plan.
  return { inputSchema, outputSchema, create: () => createAccumulators(plan) as unknown as WindowFold };
}
