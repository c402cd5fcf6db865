import type { DataType } from '../schema/data-type.js';

/** The physical buffers a column may be made of. 64-bit integers are viewed as (low, high) pairs of Int32. */
export type ColumnValues =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/**
 * One column of a batch as Arrow buffers, already positioned on the batch's first row.
 *
 * | kind | `values` | `offsets` | `children` |
 * |---|---|---|---|
 * | int8…uint32, float32/64 | one element per row | – | – |
 * | int64, uint64, timestamp, duration, time64, date64 | Int32Array, two elements per row: low, high | – | – |
 * | date32, time32 | Int32Array, one per row | – | – |
 * | decimal128 | Int32Array, four per row, little-endian | – | – |
 * | bool | Uint8Array of bits, least significant first, starting at `bitOffset` | – | – |
 * | utf8, binary | Uint8Array of bytes | `length + 1` | – |
 * | dictionary | Int32Array of codes | – | [the dictionary's values] |
 * | list | empty | `length + 1` | [the items] |
 * | struct | empty | – | one per field |
 */
export interface Column<T extends DataType = DataType> {
  readonly type: T;
  readonly length: number;
  readonly nullCount: number;
  readonly values: ColumnValues;
  readonly offsets: Int32Array | null;
  /** One bit per row, 1 = valid, least significant first, starting at `bitOffset`; null when nothing is null. */
  readonly validity: Uint8Array | null;
  /** 0–7: position of row 0 inside the first byte of `validity` (and of a bool's `values`). */
  readonly bitOffset: number;
  readonly children: readonly Column[];
}
