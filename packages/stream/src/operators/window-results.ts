import { type Batch, type Column, createBatch, type Schema } from '@sabot/columnar';
import { windowColumn } from './window-columns.js';

/** Windows that come out: their groups in output order with the bounds of each. */
export interface WindowBounds {
  readonly groups: Int32Array;
  readonly startsMs: Float64Array;
  readonly endsMs: Float64Array;
}

/** Orders groups by the end of their windows, then by number, which follows arrival. `endOf` is by group. */
export function inTimeOrder(groups: Int32Array, endOf: Float64Array): Int32Array {
  return groups.sort((a, b) => (endOf[a] as number) - (endOf[b] as number) || a - b);
}

/** Result rows of windows: keys, windowStart, windowEnd, windowTime (end − 1 ms), aggregates. */
export function windowResults(
  schema: Schema,
  { groups, startsMs, endsMs }: WindowBounds,
  keys: readonly Column[],
  aggregates: readonly Column[],
): Batch {
  const numRows = groups.length;
  const times = endsMs.map((ms) => ms - 1);
  const bounds = [startsMs, endsMs, times].map((timesMs) => windowColumn(timesMs, numRows));
  return createBatch(schema, [...keys, ...bounds, ...aggregates], numRows);
}
