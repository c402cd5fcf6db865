import { errors } from '../errors.js';
import type { DataType, ValueOf } from '../schema/data-type.js';
import { fieldType } from '../schema/define-schema.js';
import type { Fields, RowOf, Schema } from '../schema/schema.js';
import type { Batch } from './batch.js';
import { trustedBatch } from './batch-factory.js';
import type { Column } from './column.js';
import type { ColumnBuilder } from './column-builder.js';
import { columnValue } from './column-value.js';
import { createColumnBuilder } from './create-column-builder.js';
import { appendNullable } from './nested-builder.js';

/** Grows a batch row by row or batch by batch; after `finish` it is empty and can be used again. */
export interface BatchBuilder<F extends Fields> {
  readonly schema: Schema<F>;
  readonly numRows: number;
  /** Bytes appended so far, validity not counted. */
  readonly bytes: number;
  /** Appends one row; `VALUE_INVALID` names the column, and nothing of the row is kept. */
  append(row: RowOf<F>): void;
  /** Appends rows `start` to `end` (exclusive, default all) of a batch of the same schema, without reading values. */
  appendBatch(batch: Batch<F>, start?: number, end?: number): void;
  finish(): Batch<F>;
}

/** A builder of batches of a schema; `capacity` is the number of rows that need no growing. */
export function createBatchBuilder<F extends Fields>(schema: Schema<F>, capacity = 64): BatchBuilder<F> {
  return new ColumnsBuilder(schema, capacity);
}

class ColumnsBuilder<F extends Fields> implements BatchBuilder<F> {
  readonly schema: Schema<F>;
  numRows = 0;
  private readonly types: readonly DataType[];
  private readonly builders: readonly ColumnBuilder[];

  constructor(schema: Schema<F>, capacity: number) {
    this.schema = schema;
    this.types = schema.names.map((name) => fieldType(schema, name));
    this.builders = schema.names.map((name, i) => createColumnBuilder(name, this.types[i] as DataType, capacity));
  }

  get bytes(): number {
    let bytes = 0;
    for (const builder of this.builders) bytes += builder.bytes;
    return bytes;
  }

  append(row: RowOf<F>): void {
    try {
      for (let i = 0; i < this.builders.length; i++) {
        const name = this.schema.names[i] as string;
        appendNullable(this.builders[i] as ColumnBuilder, row[name], name, this.types[i] as DataType);
      }
    } catch (error) {
      this.dropRowsBeyond(this.numRows);
      throw error;
    }
    this.numRows++;
  }

  appendBatch(batch: Batch<F>, start = 0, end = batch.numRows): void {
    for (let i = 0; i < this.builders.length; i++) {
      (this.builders[i] as ColumnBuilder).appendColumn(batch.columns[i] as Column, start, end);
    }
    this.numRows += end - start;
  }

  finish(): Batch<F> {
    const numRows = this.numRows;
    this.numRows = 0;
    return trustedBatch(
      this.schema,
      numRows,
      this.builders.map((builder) => builder.finish()),
    );
  }

  // A row that fails half-way has filled some columns; rebuilding is slow, and only on errors.
  private dropRowsBeyond(rows: number): void {
    for (const builder of this.builders) {
      const column = builder.finish();
      builder.appendColumn(column, 0, rows);
    }
  }
}

/**
 * A batch from one array of surface values per column.
 *
 * Errors: `LENGTH_MISMATCH`, `VALUE_INVALID` (names the column), `COLUMN_UNKNOWN`.
 *
 * @example
 * const batch = batchOf(defineSchema({ origin: utf8(), delay: nullable(int64()) }), {
 *   origin: ['LAS', 'ATL'],
 *   delay: [33n, null],
 * });
 */
export function batchOf<F extends Fields>(
  schema: Schema<F>,
  values: { readonly [N in keyof F]: readonly ValueOf<F[N]>[] },
): Batch<F> {
  for (const name of Object.keys(values)) fieldType(schema, name);
  const numRows = schema.names.length === 0 ? 0 : arrayOf(values, schema.names[0] as string).length;
  const columns = schema.names.map((name) => {
    const array = arrayOf(values, name);
    if (array.length !== numRows) {
      throw errors.error('LENGTH_MISMATCH', {
        what: `column "${name}" has ${array.length} values`,
        why: `column "${schema.names[0]}" has ${numRows}`,
      });
    }
    const type = fieldType(schema, name);
    const builder = createColumnBuilder(name, type, numRows);
    for (const value of array) appendNullable(builder, value, name, type);
    return builder.finish();
  });
  return trustedBatch(schema, numRows, columns);
}

function arrayOf(values: Readonly<Record<string, readonly unknown[]>>, name: string): readonly unknown[] {
  const array = values[name];
  if (Array.isArray(array)) return array;
  throw errors.error('SCHEMA_MISMATCH', { what: `column "${name}" has no values`, why: 'no array was given for it' });
}

/** A batch from rows; errors as `batchOf`. */
export function batchFromRows<F extends Fields>(schema: Schema<F>, rows: Iterable<RowOf<F>>): Batch<F> {
  const builder = createBatchBuilder(schema);
  for (const row of rows) builder.append(row);
  return builder.finish();
}

/** A batch without rows. */
export function emptyBatch<F extends Fields>(schema: Schema<F>): Batch<F> {
  return createBatchBuilder(schema, 0).finish();
}

/** All rows as objects: for tests and edges, not for loops. */
export function rowsOf<F extends Fields>(batch: Batch<F>): RowOf<F>[] {
  return Array.from({ length: batch.numRows }, (_, row) => rowAt(batch, row));
}

/** One row as a new object. */
export function rowAt<F extends Fields>(batch: Batch<F>, row: number): RowOf<F> {
  const entries = batch.schema.names.map((name, i) => [name, columnValue(batch.columns[i] as Column, row)]);
  // Names and values come from the same schema.
  return Object.fromEntries(entries) as RowOf<F>;
}
