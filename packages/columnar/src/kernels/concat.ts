import type { Batch } from '../batch/batch.js';
import { createBatch, trustedBatch } from '../batch/batch-factory.js';
import type { Column } from '../batch/column.js';
import { createColumnBuilder } from '../batch/create-column-builder.js';
import { makeColumn, retypeColumn } from '../batch/make-column.js';
import { ValidityBuilder } from '../batch/validity-builder.js';
import type { DataType } from '../schema/data-type.js';
import { fieldType } from '../schema/define-schema.js';
import type { Fields, Schema } from '../schema/schema.js';

/** The rows of all batches in order, in new memory unless there is one batch; `SCHEMA_MISMATCH` names a column that differs. */
export function concatBatches<F extends Fields>(schema: Schema<F>, batches: readonly Batch<F>[]): Batch<F> {
  if (batches.length === 1) return batches[0] as Batch<F>;
  for (const batch of batches) if (batch.schema !== schema) createBatch(schema, batch.columns, batch.numRows);
  const numRows = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const columns = schema.names.map((name, i) =>
    concatColumns(
      fieldType(schema, name),
      batches.map((batch) => batch.columns[i] as Column),
    ),
  );
  return trustedBatch(schema, numRows, columns);
}

/** The rows of all columns in order, as `type`; dictionaries that differ are merged. */
export function concatColumns<T extends DataType>(type: T, columns: readonly Column[]): Column<T> {
  const only = columns[0];
  if (columns.length === 1 && only !== undefined) return retypeColumn(only, type);
  const numRows = columns.reduce((sum, column) => sum + column.length, 0);
  if (only !== undefined && type.kind === 'dictionary' && sharesDictionary(columns)) {
    return concatCodes(type, columns, only.children, numRows);
  }
  const builder = createColumnBuilder('', type, numRows);
  for (const column of columns) builder.appendColumn(column, 0, column.length);
  // The builder was made for exactly this type.
  return builder.finish() as Column<T>;
}

function sharesDictionary(columns: readonly Column[]): boolean {
  return columns.every((column) => column.children[0] === columns[0]?.children[0]);
}

function concatCodes<T extends DataType>(
  type: T,
  columns: readonly Column[],
  children: readonly Column[],
  numRows: number,
): Column<T> {
  const values = new Int32Array(numRows);
  const validity = new ValidityBuilder();
  let at = 0;
  for (const column of columns) {
    values.set(column.values as Int32Array, at);
    validity.appendColumn(column, 0, column.length);
    at += column.length;
  }
  return makeColumn(type, numRows, { values, validity: validity.finish(), children });
}
