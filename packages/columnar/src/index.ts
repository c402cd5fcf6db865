/** Typed schemas, batches over Arrow buffers, rows and builders. Expressions, kernels, IPC and Arrow have doors of their own. */
export type { Batch } from './batch/batch.js';
export {
  type BatchBuilder,
  batchFromRows,
  batchOf,
  createBatchBuilder,
  emptyBatch,
  rowAt,
  rowsOf,
} from './batch/batch-builder.js';
export { batchBytes, createBatch, projectSchema, selectColumns, sliceBatch } from './batch/batch-factory.js';
export type { Column, ColumnValues } from './batch/column.js';
export { columnValue } from './batch/column-value.js';
export { isValid, makeColumn, sliceColumn } from './batch/make-column.js';
export { createRowCursor, type RowCursor } from './batch/row-cursor.js';
export { readInt64 } from './batch/wide.js';
export { errors as columnarErrors } from './errors.js';
export type { DataType, Timestamp, TimeUnit, ValueOf, WithNull } from './schema/data-type.js';
export { defineSchema, describeSchema, describeType, fieldType, sameSchema, sameType } from './schema/define-schema.js';
export { unitsPerMs } from './schema/layout.js';
export type { Fields, RowOf, Schema } from './schema/schema.js';
export {
  binary,
  bool,
  date,
  decimal128,
  dictionary,
  duration,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  list,
  nullable,
  struct,
  time,
  timestamp,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8,
} from './schema/types.js';
