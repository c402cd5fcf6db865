import type { Batch } from '../batch/batch.js';
import { bitAt } from '../batch/bits.js';
import type { Column } from '../batch/column.js';
import { isValid } from '../batch/make-column.js';
import { errors } from '../errors.js';
import { describeType } from '../schema/define-schema.js';
import { layoutOf } from '../schema/layout.js';
import type { Fields } from '../schema/schema.js';
import { compareSpans } from './slots/bytes-slots.js';
import { compareNumbers, compareWords } from './slots/fixed-slots.js';
import { takeBatch } from './take.js';

/** How one column orders rows. */
export interface SortOrder {
  /** Greatest first. Default false. */
  readonly descending?: boolean;
  /** Nulls before all values, whatever the direction. Default false: nulls last. */
  readonly nullsFirst?: boolean;
}

/** One sort key by column name. */
export interface SortKey<F extends Fields> extends SortOrder {
  readonly by: keyof F & string;
}

type Compare = (a: number, b: number) => number;

/**
 * The row numbers of columns in order: by the first column, then the second, and so on; equal rows stay as they were.
 *
 * Strings order by code point, NaN is the greatest number, false comes before true. Lists and structs have no order
 * (`KERNEL_ARGUMENT_INVALID`).
 */
export function sortRows(columns: readonly Column[], orders: readonly SortOrder[], numRows: number): Int32Array {
  const rows = new Int32Array(numRows);
  for (let row = 0; row < numRows; row++) rows[row] = row;
  return columns.length === 0 ? rows : mergeSort(rows, compareBy(columns, orders));
}

/** Orders rows by the first column, then the second, and so on. */
export function compareBy(columns: readonly Column[], orders: readonly SortOrder[]): Compare {
  const compares = columns.map((column, i) => compareRows(column, orders[i] ?? {}));
  if (compares.length === 1) return compares[0] as Compare;
  return (a, b) => {
    for (let k = 0; k < compares.length; k++) {
      const order = (compares[k] as Compare)(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
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

function compareRows(column: Column, order: SortOrder): Compare {
  const values = compareValues(column);
  const direction = order.descending === true ? -1 : 1;
  if (column.nullCount === 0) return direction === 1 ? values : (a, b) => -values(a, b);
  const nullOrder = order.nullsFirst === true ? -1 : 1;
  return (a, b) => {
    const validA = isValid(column, a);
    if (validA !== isValid(column, b)) return validA ? -nullOrder : nullOrder;
    return validA ? direction * values(a, b) : 0;
  };
}

function compareValues(column: Column): Compare {
  const { values, type } = column;
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed': {
      const { width } = layout;
      if (width === 1) return (a, b) => compareNumbers(values[a] as number, values[b] as number);
      const words = values as Int32Array;
      return (a, b) => compareWords(words, a, words, b, width, type.kind === 'uint64');
    }
    case 'bits':
      return (a, b) =>
        bitAt(values as Uint8Array, column.bitOffset + a) - bitAt(values as Uint8Array, column.bitOffset + b);
    case 'bytes':
      return compareBytes(column);
    case 'codes': {
      const words = compareBytes(column.children[0] as Column);
      return (a, b) => (values[a] === values[b] ? 0 : words(values[a] as number, values[b] as number));
    }
    default:
      throw errors.error('KERNEL_ARGUMENT_INVALID', {
        what: `cannot sort by a column of type ${describeType(type)}`,
        why: 'lists and structs have no order',
      });
  }
}

function compareBytes(column: Column): Compare {
  const bytes = column.values as Uint8Array;
  const offsets = column.offsets as Int32Array;
  return (a, b) =>
    compareSpans(
      bytes,
      offsets[a] as number,
      offsets[a + 1] as number,
      bytes,
      offsets[b] as number,
      offsets[b + 1] as number,
    );
}

const RUN = 16;

/** Bottom-up merge sort: stable, no recursion, one spare array. */
function mergeSort(rows: Int32Array, compare: Compare): Int32Array {
  const { length } = rows;
  for (let start = 0; start < length; start += RUN) insertionSort(rows, start, Math.min(start + RUN, length), compare);
  let from: Int32Array = rows;
  let to: Int32Array = new Int32Array(length);
  for (let width = RUN; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      merge(from, to, start, Math.min(start + width, length), Math.min(start + 2 * width, length), compare);
    }
    [from, to] = [to, from];
  }
  return from;
}

function insertionSort(rows: Int32Array, start: number, end: number, compare: Compare): void {
  for (let i = start + 1; i < end; i++) {
    const row = rows[i] as number;
    let at = i;
    while (at > start && compare(rows[at - 1] as number, row) > 0) {
      rows[at] = rows[at - 1] as number;
      at--;
    }
    rows[at] = row;
  }
}

function merge(from: Int32Array, to: Int32Array, start: number, middle: number, end: number, compare: Compare): void {
  if (middle >= end || compare(from[middle - 1] as number, from[middle] as number) <= 0) {
    to.set(from.subarray(start, end), start);
    return;
  }
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takeLeft = left < middle && (right >= end || compare(from[left] as number, from[right] as number) <= 0);
    to[at] = from[takeLeft ? left++ : right++] as number;
  }
}
