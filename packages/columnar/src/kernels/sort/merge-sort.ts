import type { Compare } from './compare-rows.js';

const RUN = 16;

/** Bottom-up merge sort: stable, no recursion, one spare array. */
export function mergeSort(rows: Int32Array, compare: Compare): Int32Array {
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
