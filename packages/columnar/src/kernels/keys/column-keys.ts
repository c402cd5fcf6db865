import type { Column } from '../../batch/column.js';

/** Numbers the distinct values of one column in order of appearance; null is a value, NaN equals NaN, −0 is 0. */
export interface ColumnKeys {
  readonly size: number;
  /** Bytes of memory held. */
  readonly bytes: number;
  /** The number of the value of row i, or `selection[i]`, for i < count; new values are added. */
  assign(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void;
  /** As `assign`; unknown values give −1 and nothing is added. */
  lookup(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void;
  /** The values of the given numbers, or of 0 … count − 1. */
  toColumn(ids: Int32Array | null, count: number): Column;
  /** Keeps only the given values: the i-th becomes number i. */
  retain(ids: Int32Array): void;
  clear(): void;
}
