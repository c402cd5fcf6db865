import { type Batch, type Column, createBatch, type Schema } from '@sabot/columnar';
import { takeColumn } from '@sabot/columnar/kernels';
import { windowColumn } from './window-columns.js';
import type { WindowFold } from './window-fold.js';

/** Windows that come out: their groups in output order with the bounds of each, if they have any. */
export interface WindowBounds {
  readonly groups: Int32Array;
  readonly startsMs: Float64Array;
  readonly endsMs: Float64Array;
}

/** Orders groups by the end of their windows, then by number, which follows arrival. `endOf` is by group. */
export function inTimeOrder(groups: Int32Array, endOf: Float64Array): Int32Array {
  return groups.sort((a, b) => (endOf[a] as number) - (endOf[b] as number) || a - b);
}

/** Result rows of windows: keys, windowStart, windowEnd, windowTime (end − 1 ms) unless they have no bounds, results. */
export function windowResults(
  schema: Schema,
  { groups, startsMs, endsMs }: WindowBounds,
  keys: readonly Column[],
  fold: WindowFold,
): Batch {
  const columns = fold.finish(groups);
  const counts = fold.rowsPerGroup;
  const bounded = schema.names.length > keys.length + columns.length;
  const bounds = bounded
    ? [startsMs, endsMs, endsMs.map((ms) => ms - 1)].map((timesMs) => windowColumn(timesMs, groups.length))
    : [];
  const heads = [...keys, ...bounds];
  if (counts === undefined) return createBatch(schema, [...heads, ...columns], groups.length);
  const windows = repeated(counts);
  const repeatedHeads = heads.map((column) => takeColumn(column, windows));
  return createBatch(schema, [...repeatedHeads, ...columns], windows.length);
}

/** 0 as often as the first count says, then 1, and so on. */
function repeated(counts: Int32Array): Int32Array {
  const rows = new Int32Array(counts.reduce((sum, count) => sum + count, 0));
  for (let group = 0, row = 0; group < counts.length; group++) {
    for (let i = 0; i < (counts[group] as number); i++) rows[row++] = group;
  }
  return rows;
}
