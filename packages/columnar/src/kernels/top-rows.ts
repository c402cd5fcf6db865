import type { Column } from '../batch/column.js';
import { createGroupTable } from './keys/create-group-table.js';
import { compareBy } from './sort/compare-rows.js';
import type { SortOrder } from './sort/sort-order.js';

/**
 * The first `limit` row numbers in the order that `sortRows` gives, without sorting the rest.
 *
 * Cost: one comparison per row, and log(limit) more for each row that gets in.
 */
export function topRows(
  columns: readonly Column[],
  orders: readonly SortOrder[],
  numRows: number,
  limit: number,
): Int32Array {
  const compare = compareBy(columns, orders);
  // Equal rows keep their order, so the later one is the greater.
  const isGreater = (a: number, b: number): boolean => {
    const order = compare(a, b);
    return order === 0 ? a > b : order > 0;
  };
  const heap = new Int32Array(Math.min(limit, numRows));
  for (let row = 0; row < numRows; row++) {
    if (row < heap.length) siftUp(heap, row, row, isGreater);
    else if (heap.length > 0 && isGreater(heap[0] as number, row)) siftDown(heap, row, isGreater);
  }
  return heap.sort((a, b) => (isGreater(a, b) ? 1 : -1));
}

type IsGreater = (a: number, b: number) => boolean;

function siftUp(heap: Int32Array, from: number, row: number, isGreater: IsGreater): void {
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isGreater(row, heap[parent] as number)) break;
    heap[at] = heap[parent] as number;
    at = parent;
  }
  heap[at] = row;
}

function siftDown(heap: Int32Array, row: number, isGreater: IsGreater): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isGreater(heap[child + 1] as number, heap[child] as number)) child++;
    if (!isGreater(heap[child] as number, row)) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = row;
}

/** The number of the first row of every distinct combination of values, ascending; nulls are equal. */
export function uniqueRows(columns: readonly Column[], numRows: number): Int32Array {
  const table = createGroupTable(columns.map((column) => column.type));
  const groups = table.assign(columns, numRows);
  const rows = new Int32Array(table.size);
  let count = 0;
  // Groups are numbered in order of appearance, so the next number is seen first in the row that opened it.
  for (let row = 0; row < numRows; row++) if (groups[row] === count) rows[count++] = row;
  return rows;
}
