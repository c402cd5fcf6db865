import type { Batch } from '../../batch/batch.js';
import type { Column } from '../../batch/column.js';

/**
 * The running state of one aggregate for many groups.
 *
 * States merge: updating one accumulator with rows, or several with parts of the rows and merging them, ends equal.
 */
export interface Accumulator {
  readonly bytes: number;
  /** Makes groups 0 … numGroups − 1 exist, new ones empty. */
  reserve(numGroups: number): void;
  /** Adds row `selection[i]` (or i) of the column to group `groups[i]`, for i < count. */
  update(groups: Int32Array, count: number, column: Column, selection: Int32Array | null): void;
  /** The state of groups 0 … numGroups − 1 as a batch. */
  save(numGroups: number): Batch;
  /** Adds a saved state; its group g goes to group `mapping[g]`, or nowhere where that is −1. */
  merge(state: Batch, mapping: Int32Array): void;
  /** The results of the given groups, or of groups 0 … count − 1. */
  finish(groups: Int32Array | null, count: number): Column;
  /** Keeps only the given groups: the i-th becomes group i. */
  retain(groups: Int32Array): void;
}

/** A zeroed array of at least `size` elements with the old content, growing by doubling. */
export function grownFloats(old: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  if (size <= old.length) return old;
  const grown = new Float64Array(Math.max(16, size, old.length * 2));
  grown.set(old);
  return grown;
}

/** The elements of the given groups, with room to grow. */
export function keptFloats(old: Float64Array, groups: Int32Array): Float64Array<ArrayBuffer> {
  const kept = new Float64Array(Math.max(16, groups.length));
  for (let i = 0; i < groups.length; i++) kept[i] = old[groups[i] as number] as number;
  return kept;
}
