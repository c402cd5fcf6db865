import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import { bitAt, bytesForBits } from '../batch/bits.js';
import type { Column, ColumnValues } from '../batch/column.js';
import { makeColumn } from '../batch/make-column.js';
import { errors } from '../errors.js';
import type { DataType } from '../schema/data-type.js';
import { allocateFixed, layoutOf } from '../schema/layout.js';
import type { Fields, Schema } from '../schema/schema.js';
import { nullable } from '../schema/types.js';

const MAX_BYTES = 2 ** 31 - 1;
const SHORT = 32;

/**
 * The rows of a batch whose numbers stand in `rows[0 … numRows)`, in that order; a row may be taken many times.
 *
 * Cost: one pass per column. Row numbers are not checked; for −1 see `takeBatchOrNull`.
 */
export function takeBatch<F extends Fields>(batch: Batch<F>, rows: Int32Array, numRows = rows.length): Batch<F> {
  return trustedBatch(
    batch.schema,
    numRows,
    batch.columns.map((column) => takeColumn(column, rows, numRows)),
  );
}

const nullableSchemas = new WeakMap<Schema, Schema>();

/** The same schema with every column nullable; the same schema gives the same object. */
export function nullableSchema(schema: Schema): Schema {
  let known = nullableSchemas.get(schema);
  if (known === undefined) {
    const entries = Object.entries(schema.fields).map(([name, type]) => [name, nullable(type)] as const);
    known = { ...schema, fields: Object.fromEntries(entries) };
    nullableSchemas.set(schema, known);
  }
  return known;
}

/** As `takeBatch`, but −1 gives a row of nulls; every column of the result is nullable. */
export function takeBatchOrNull(batch: Batch, rows: Int32Array, numRows = rows.length): Batch {
  const schema = nullableSchema(batch.schema);
  const columns = batch.columns.map((column) => takeColumn(column, rows, numRows, nullable(column.type)));
  return trustedBatch(schema, numRows, columns);
}

/** The values of `rows[0 … numRows)`; −1 gives null when `type` (default: the column's) is nullable. */
export function takeColumn<T extends DataType>(
  column: Column<T>,
  rows: Int32Array,
  numRows = rows.length,
  type: DataType = column.type,
): Column {
  const validity = type.nullable ? takeValidity(column, rows, numRows) : null;
  const layout = layoutOf(column.type);
  switch (layout.shape) {
    case 'fixed': {
      const values = allocateFixed(layout, numRows);
      takeFixed(column.values, values, layout.width, rows, numRows);
      return makeColumn(type, numRows, { values, validity });
    }
    case 'codes': {
      const values = new Int32Array(numRows);
      takeSingles(column.values, values, rows, numRows);
      return makeColumn(type, numRows, { values, validity, children: column.children });
    }
    case 'bits':
      return makeColumn(type, numRows, { values: takeBits(column, rows, numRows), validity });
    case 'bytes':
      return makeColumn(type, numRows, { ...takeBytes(column, rows, numRows), validity });
    case 'list':
      return makeColumn(type, numRows, { ...takeItems(column, rows, numRows), validity });
    case 'struct': {
      const children = column.children.map((child) => takeColumn(child, rows, numRows, child.type));
      return makeColumn(type, numRows, { validity, children });
    }
  }
}

function takeFixed(from: ColumnValues, to: ColumnValues, width: 1 | 2 | 4, rows: Int32Array, numRows: number): void {
  if (width === 1) takeSingles(from, to, rows, numRows);
  else if (width === 2) takePairs(from as Int32Array, to as Int32Array, rows, numRows);
  else takeQuads(from as Int32Array, to as Int32Array, rows, numRows);
}

// One loop per array class, so that each stays monomorphic.
function takeSingles(from: ColumnValues, to: ColumnValues, rows: Int32Array, numRows: number): void {
  if (from instanceof Float64Array) takeFloat64(from, to as Float64Array, rows, numRows);
  else if (from instanceof Int32Array) takeInt32(from, to as Int32Array, rows, numRows);
  else for (let i = 0; i < numRows; i++) to[i] = from[rows[i] as number] ?? 0;
}

function takeFloat64(from: Float64Array, to: Float64Array, rows: Int32Array, numRows: number): void {
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    if (row >= 0) to[i] = from[row] as number;
  }
}

function takeInt32(from: Int32Array, to: Int32Array, rows: Int32Array, numRows: number): void {
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    if (row >= 0) to[i] = from[row] as number;
  }
}

function takePairs(from: Int32Array, to: Int32Array, rows: Int32Array, numRows: number): void {
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    if (row < 0) continue;
    to[2 * i] = from[2 * row] as number;
    to[2 * i + 1] = from[2 * row + 1] as number;
  }
}

function takeQuads(from: Int32Array, to: Int32Array, rows: Int32Array, numRows: number): void {
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    if (row < 0) continue;
    for (let word = 0; word < 4; word++) to[4 * i + word] = from[4 * row + word] as number;
  }
}

function takeBits(column: Column, rows: Int32Array, numRows: number): Uint8Array {
  const bits = column.values as Uint8Array;
  const out = new Uint8Array(bytesForBits(numRows));
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    if (row >= 0) out[i >> 3] = (out[i >> 3] as number) | (bitAt(bits, column.bitOffset + row) << (i & 7));
  }
  return out;
}

function takeValidity(column: Column, rows: Int32Array, numRows: number): Uint8Array | null {
  const { validity, bitOffset } = column;
  const out = new Uint8Array(bytesForBits(numRows));
  let valid = 0;
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    const bit = row < 0 ? 0 : validity === null ? 1 : bitAt(validity, bitOffset + row);
    out[i >> 3] = (out[i >> 3] as number) | (bit << (i & 7));
    valid += bit;
  }
  return valid === numRows ? null : out;
}

function takeBytes(column: Column, rows: Int32Array, numRows: number): { values: Uint8Array; offsets: Int32Array } {
  const from = column.offsets as Int32Array;
  const offsets = takeOffsets(from, rows, numRows);
  const source = column.values as Uint8Array;
  const values = new Uint8Array(offsets[numRows] as number);
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    if (row < 0) continue;
    const start = from[row] as number;
    const end = from[row + 1] as number;
    let at = offsets[i] as number;
    // A call to set costs more than a short copy.
    if (end - start > SHORT) values.set(source.subarray(start, end), at);
    else for (let byte = start; byte < end; byte++) values[at++] = source[byte] as number;
  }
  return { values, offsets };
}

function takeItems(column: Column, rows: Int32Array, numRows: number): { offsets: Int32Array; children: Column[] } {
  const from = column.offsets as Int32Array;
  const offsets = takeOffsets(from, rows, numRows);
  const items = new Int32Array(offsets[numRows] as number);
  for (let i = 0; i < numRows; i++) {
    const first = rows[i] === -1 ? 0 : (from[rows[i] as number] as number);
    for (let at = offsets[i] as number, k = 0; at < (offsets[i + 1] as number); at++, k++) items[at] = first + k;
  }
  return { offsets, children: [takeColumn(column.children[0] as Column, items)] };
}

function takeOffsets(from: Int32Array, rows: Int32Array, numRows: number): Int32Array {
  const offsets = new Int32Array(numRows + 1);
  let total = 0;
  for (let i = 0; i < numRows; i++) {
    const row = rows[i] as number;
    if (row >= 0) total += (from[row + 1] as number) - (from[row] as number);
    if (total > MAX_BYTES) throw tooLarge(total);
    offsets[i + 1] = total;
  }
  return offsets;
}

function tooLarge(total: number): Error {
  return errors.error('COLUMN_TOO_LARGE', {
    what: `cannot take rows of ${total} bytes or items into one column`,
    why: 'its offsets have 32 bits',
  });
}
