import { errors } from '../errors.js';
import type { DataType } from '../schema/data-type.js';
import { describeType, fieldType, sameTypeIgnoringNulls, unknownColumn } from '../schema/define-schema.js';
import type { Fields, Schema } from '../schema/schema.js';
import type { Batch } from './batch.js';
import type { Column } from './column.js';
import { columnBytes, retypeColumn, sliceColumn } from './make-column.js';

class ColumnBatch<F extends Fields> implements Batch<F> {
  readonly schema: Schema<F>;
  readonly numRows: number;
  readonly columns: readonly Column[];

  constructor(schema: Schema<F>, numRows: number, columns: readonly Column[]) {
    this.schema = schema;
    this.numRows = numRows;
    this.columns = columns;
  }

  column<N extends keyof F & string>(name: N): Column<F[N]> {
    const index = this.schema.names.indexOf(name);
    if (index < 0) throw unknownColumn(this.schema, name);
    return this.columns[index] as Column<F[N]>;
  }
}

/** A batch whose columns are known to be right: for kernels that made them. */
export function trustedBatch<F extends Fields>(
  schema: Schema<F>,
  numRows: number,
  columns: readonly Column[],
): Batch<F> {
  return new ColumnBatch(schema, numRows, columns);
}

/**
 * A batch of the given columns, in the schema's order, without copying.
 *
 * `numRows` is needed only when there are no columns.
 * Errors: `SCHEMA_MISMATCH` (number or type of columns, nulls where the schema has none), `LENGTH_MISMATCH`.
 */
export function createBatch<F extends Fields>(
  schema: Schema<F>,
  columns: readonly Column[],
  numRows: number = columns[0]?.length ?? 0,
): Batch<F> {
  if (columns.length !== schema.names.length) {
    throw errors.error('SCHEMA_MISMATCH', {
      what: `cannot make a batch of ${columns.length} columns`,
      why: `the schema has ${schema.names.length}`,
    });
  }
  const typed = schema.names.map((name, i) => {
    const column = columns[i] as Column;
    checkColumn(name, fieldType(schema, name), column, numRows);
    return retypeColumn(column, fieldType(schema, name));
  });
  return new ColumnBatch(schema, numRows, typed);
}

function checkColumn(name: string, type: DataType, column: Column, numRows: number): void {
  if (column.length !== numRows) {
    throw errors.error('LENGTH_MISMATCH', {
      what: `column "${name}" has ${column.length} rows`,
      why: `the batch has ${numRows}`,
    });
  }
  if (!sameTypeIgnoringNulls(column.type, type)) {
    throw errors.error('SCHEMA_MISMATCH', {
      what: `column "${name}" is ${describeType(column.type)}`,
      why: `the schema says ${describeType(type)}`,
    });
  }
  if (!type.nullable && column.nullCount > 0) {
    throw errors.error('SCHEMA_MISMATCH', {
      what: `column "${name}" holds ${column.nullCount} nulls`,
      why: `the schema says ${describeType(type)}, without nulls`,
    });
  }
}

/** Rows `start` to `end` (exclusive; both clamped, negative counts from the end) without copying. */
export function sliceBatch<F extends Fields>(batch: Batch<F>, start: number, end: number = batch.numRows): Batch<F> {
  const from = clampRow(start, batch.numRows);
  const to = Math.max(from, clampRow(end, batch.numRows));
  if (from === 0 && to === batch.numRows) return batch;
  const columns = batch.columns.map((column) => sliceColumn(column, from, to));
  return new ColumnBatch(batch.schema, to - from, columns);
}

function clampRow(row: number, numRows: number): number {
  return Math.min(numRows, Math.max(0, row < 0 ? numRows + row : row));
}

/** The named columns, in that order, without copying. */
export function selectColumns<F extends Fields, const N extends keyof F & string>(
  batch: Batch<F>,
  names: readonly N[],
): Batch<Pick<F, N>> {
  const schema = projectSchema(batch.schema, names);
  return new ColumnBatch(
    schema,
    batch.numRows,
    names.map((name) => batch.column(name)),
  );
}

const projections = new WeakMap<Schema, Map<string, Schema>>();

/** The schema of some columns of another; the same names give the same object. */
export function projectSchema<F extends Fields, N extends keyof F & string>(
  schema: Schema<F>,
  names: readonly N[],
): Schema<Pick<F, N>> {
  const known = projections.get(schema) ?? new Map<string, Schema>();
  projections.set(schema, known);
  const key = JSON.stringify(names);
  let projected = known.get(key);
  if (projected === undefined) {
    const fields = Object.fromEntries(names.map((name) => [name, fieldType(schema, name)]));
    projected = { fields, names, metadata: schema.metadata };
    known.set(key, projected);
  }
  // The record was built from exactly the names N.
  return projected as unknown as Schema<Pick<F, N>>;
}

/** Bytes of the rows in view; shared parents and unused room are not counted. */
export function batchBytes(batch: Batch): number {
  let bytes = 0;
  for (const column of batch.columns) bytes += columnBytes(column);
  return bytes;
}
