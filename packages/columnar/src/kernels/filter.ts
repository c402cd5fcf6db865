import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import { bitAt } from '../batch/bits.js';
import type { Column } from '../batch/column.js';
import { isValid, sliceColumn } from '../batch/make-column.js';
import type { Bool } from '../schema/data-type.js';
import type { Fields } from '../schema/schema.js';
import { takeColumn } from './take.js';

/** The numbers of the rows where a bool column is true (null counts as false), ascending. */
export function selectionOf(column: Column<Bool>): Int32Array {
  const rows = new Int32Array(column.length);
  const bits = column.values as Uint8Array;
  let count = 0;
  for (let row = 0; row < column.length; row++) {
    if (bitAt(bits, column.bitOffset + row) === 1 && isValid(column, row)) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/**
 * The rows of a batch whose numbers stand in an ascending selection without repetition.
 *
 * Nothing is copied when the selected rows lie side by side.
 */
export function filterBatch<F extends Fields>(
  batch: Batch<F>,
  selection: Int32Array,
  count: number = selection.length,
): Batch<F> {
  if (count === batch.numRows) return batch;
  return trustedBatch(
    batch.schema,
    count,
    batch.columns.map((column) => filterColumn(column, selection, count)),
  );
}

/** As `filterBatch`, for one column. */
export function filterColumn(column: Column, selection: Int32Array, count: number): Column {
  if (count === column.length) return column;
  const first = count === 0 ? 0 : (selection[0] as number);
  const last = count === 0 ? -1 : (selection[count - 1] as number);
  if (last - first + 1 === count) return sliceColumn(column, first, first + count);
  return takeColumn(column, selection, count);
}
