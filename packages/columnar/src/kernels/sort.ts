import type { Batch } from '../batch/batch.js';
import type { Column } from '../batch/column.js';
import type { Fields } from '../schema/schema.js';
import { compareBy } from './sort/compare-rows.js';
import { mergeSort } from './sort/merge-sort.js';
import { radixRows } from './sort/radix-rows.js';
import type { SortOrder } from './sort/sort-order.js';
import { takeBatch } from './take.js';

/** One sort key by column name. */
export interface SortKey<F extends Fields> extends SortOrder {
  readonly by: keyof F & string;
}

/** From this many rows on, counting digits beats comparing. */
const MANY_ROWS = 256;

/**
 * The row numbers of columns in order: by the first column, then the second, and so on; equal rows stay as they were.
 *
 * Cost: fewer than 256 rows are compared; more are sorted by the digits of an integer composed of all columns.
 * Strings order by code point, NaN is the greatest number, false comes before true. Lists and structs have no order
 * (`KERNEL_ARGUMENT_INVALID`).
 */
export function sortRows(columns: readonly Column[], orders: readonly SortOrder[], numRows: number): Int32Array {
  // Also says which columns have no order.
  const compare = compareBy(columns, orders);
  if (numRows >= MANY_ROWS) return radixRows(columns, orders, numRows);
  const rows = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) rows[row] = row;
  return columns.length === 0 ? rows : mergeSort(rows, compare);
}

/**
 * The rows of a batch in order, in new memory.
 *
 * @example
 * sortBatch(batch, [{ by: 'delay', descending: true }, { by: 'origin' }]);
 */
export function sortBatch<F extends Fields>(batch: Batch<F>, keys: readonly SortKey<F>[]): Batch<F> {
  const columns = keys.map((key) => batch.column(key.by));
  return takeBatch(batch, sortRows(columns, keys, batch.numRows));
}
