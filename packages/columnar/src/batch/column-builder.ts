import type { Column } from './column.js';

/** Grows one column; after `finish` it is empty and can be used again. */
export interface ColumnBuilder {
  readonly length: number;
  /** Bytes appended so far. */
  readonly bytes: number;
  /** Appends a surface value, not null; `VALUE_INVALID` when it does not fit. */
  append(value: unknown): void;
  appendNull(): void;
  /** Appends rows `start` to `end` (exclusive) of a column of the same type. */
  appendColumn(column: Column, start: number, end: number): void;
  finish(): Column;
}
