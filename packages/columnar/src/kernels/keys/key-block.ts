import { bitAt } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { layoutOf } from '../../schema/layout.js';

/** Rows whose keys are brought into words at a time, so that these stay in the first cache. */
export const BLOCK = 2048;

/** Keys of up to `BLOCK` rows as (low, high) words; one is shared by all tables, between two statements of a call. */
export const blockWords = new Int32Array(2 * BLOCK);
const nullFlags = new Uint8Array(BLOCK);

/** Which of the rows `start … end` (or `selection[start … end]`) are null: 1 each; null when the column has none. */
export function blockNulls(
  column: Column,
  selection: Int32Array | null,
  start: number,
  end: number,
): Uint8Array | null {
  const { validity, bitOffset } = column;
  if (validity === null) return null;
  for (let i = start; i < end; i++) {
    const row = selection === null ? i : (selection[i] as number);
    nullFlags[i - start] = 1 - bitAt(validity, bitOffset + row);
  }
  return nullFlags;
}

const float = new Float64Array(1);
const floatWords = new Int32Array(float.buffer);

/** Brings the values of a fixed-width or bool column into `blockWords`: equal values as equal words. */
export function blockPairs(column: Column, selection: Int32Array | null, start: number, end: number): void {
  const { values } = column;
  const layout = layoutOf(column.type);
  if (layout.shape === 'bits') bitPairs(column, selection, start, end);
  else if (layout.shape === 'fixed' && layout.width === 2) copyPairs(values as Int32Array, selection, start, end);
  else if (values instanceof Float64Array || values instanceof Float32Array) floatPairs(values, selection, start, end);
  else if (values instanceof Int32Array) int32Pairs(values, selection, start, end);
  else {
    for (let i = start; i < end; i++)
      put(i - start, (values[selection === null ? i : (selection[i] as number)] as number) | 0);
  }
}

function put(at: number, value: number): void {
  blockWords[2 * at] = value;
  blockWords[2 * at + 1] = value >> 31;
}

function int32Pairs(values: Int32Array, selection: Int32Array | null, start: number, end: number): void {
  for (let i = start; i < end; i++) put(i - start, values[selection === null ? i : (selection[i] as number)] as number);
}

function copyPairs(values: Int32Array, selection: Int32Array | null, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const row = selection === null ? i : (selection[i] as number);
    const at = i - start;
    blockWords[2 * at] = values[2 * row] as number;
    blockWords[2 * at + 1] = values[2 * row + 1] as number;
  }
}

function floatPairs(
  values: Float64Array | Float32Array,
  selection: Int32Array | null,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    const value = values[selection === null ? i : (selection[i] as number)] as number;
    // Adding 0 makes −0 a 0; every NaN becomes the same one.
    float[0] = Number.isNaN(value) ? Number.NaN : value + 0;
    blockWords[2 * (i - start)] = floatWords[0] as number;
    blockWords[2 * (i - start) + 1] = floatWords[1] as number;
  }
}

function bitPairs(column: Column, selection: Int32Array | null, start: number, end: number): void {
  const bits = column.values as Uint8Array;
  for (let i = start; i < end; i++) {
    put(i - start, bitAt(bits, column.bitOffset + (selection === null ? i : (selection[i] as number))));
  }
}
