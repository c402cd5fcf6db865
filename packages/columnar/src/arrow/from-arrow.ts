import { type Schema as ArrowSchema, type Data, type RecordBatch, type Table, Type, type Vector } from 'apache-arrow';
import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import type { Column, ColumnValues } from '../batch/column.js';
import { makeColumn, retypeColumn } from '../batch/make-column.js';
import { errors } from '../errors.js';
import { concatColumns } from '../kernels/concat.js';
import { takeColumn } from '../kernels/take.js';
import type { DataType } from '../schema/data-type.js';
import { defineSchema, fieldType } from '../schema/define-schema.js';
import { layoutOf } from '../schema/layout.js';
import type { Schema } from '../schema/schema.js';
import { binary, utf8, withNullability } from '../schema/types.js';
import { typeFromArrow } from './arrow-types.js';

const schemas = new WeakMap<ArrowSchema, Schema>();

/** The schema of an Arrow schema; `ARROW_UNSUPPORTED` names a column that has no type here. */
export function schemaFromArrow(schema: ArrowSchema): Schema {
  let known = schemas.get(schema);
  if (known === undefined) {
    known = defineSchema(Object.fromEntries(schema.fields.map((f) => [f.name, typeFromArrow(f)])), schema.metadata);
    schemas.set(schema, known);
  }
  return known;
}

/**
 * A batch over the buffers of an Arrow record batch, without copying.
 *
 * Copied are only: 64-bit offsets (`COLUMN_TOO_LARGE` when they exceed 32 bits), dictionary codes narrower than
 * 32 bits, dictionaries of other values than strings (written out), and 64-bit values that are not aligned to 4 bytes.
 */
export function batchFromArrow(recordBatch: RecordBatch): Batch {
  const schema = schemaFromArrow(recordBatch.schema);
  const columns = schema.names.map((name, i) => {
    const type = fieldType(schema, name);
    const column = columnFromData(type, recordBatch.data.children[i] as Data);
    if (column.nullCount === 0 || type.nullable) return column;
    throw errors.error('SCHEMA_MISMATCH', {
      what: `Arrow column "${name}" holds ${column.nullCount} nulls`,
      why: 'its field says that it has none',
    });
  });
  return trustedBatch(schema, recordBatch.numRows, columns);
}

/** One batch per record batch of an Arrow table, without copying. */
export function batchesFromTable(table: Table): Batch[] {
  return table.batches.map(batchFromArrow);
}

function columnFromData(type: DataType, data: Data): Column {
  const { length } = data;
  const bitOffset = data.offset & 7;
  const validity = data.nullCount === 0 ? null : data.nullBitmap.subarray(data.offset >> 3);
  if (data.typeId === Type.Dictionary) return dictionaryColumn(type, data, validity, bitOffset);
  const parts = { validity, bitOffset };
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed':
      return makeColumn(type, length, { ...parts, values: fixedValues(data.values, layout, length) });
    case 'bits':
      return makeColumn(type, length, { ...parts, values: (data.values as Uint8Array).subarray(data.offset >> 3) });
    case 'bytes':
      return makeColumn(type, length, {
        ...parts,
        values: data.values as Uint8Array,
        offsets: offsetsOf(data, length),
      });
    case 'list': {
      const { item } = type as Extract<DataType, { kind: 'list' }>;
      const children = [columnFromData(item, data.children[0] as Data)];
      return makeColumn(type, length, { ...parts, offsets: offsetsOf(data, length), children });
    }
    case 'struct': {
      const fields = Object.values((type as Extract<DataType, { kind: 'struct' }>).fields);
      const children = fields.map((field, i) => columnFromData(field, data.children[i] as Data));
      return makeColumn(type, length, { ...parts, children });
    }
    case 'codes':
      throw new TypeError('dictionary data was handled above');
  }
}

type FixedLayout = Extract<ReturnType<typeof layoutOf>, { shape: 'fixed' }>;

function fixedValues(values: ArrayBufferView, layout: FixedLayout, length: number): ColumnValues {
  const bytes = layout.array.BYTES_PER_ELEMENT;
  if (values.byteOffset % bytes === 0) {
    return new layout.array(values.buffer as ArrayBuffer, values.byteOffset, length * layout.width);
  }
  const copy = new Uint8Array(length * layout.width * bytes);
  copy.set(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, copy.length));
  return new layout.array(copy.buffer);
}

function offsetsOf(data: Data, length: number): Int32Array {
  const size =
    (data.type as { byteWidth?: number; listSize?: number }).byteWidth ?? (data.type as { listSize?: number }).listSize;
  if (data.typeId === Type.FixedSizeBinary || data.typeId === Type.FixedSizeList) {
    return Int32Array.from({ length: length + 1 }, (_, row) => row * (size as number));
  }
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  if (offsets === undefined || offsets.length === 0) return new Int32Array(length + 1);
  return offsets instanceof Int32Array ? offsets : narrowOffsets(offsets, length);
}

function narrowOffsets(offsets: BigInt64Array, length: number): Int32Array {
  const pairs = new Int32Array(offsets.buffer as ArrayBuffer, offsets.byteOffset, 2 * (length + 1));
  const narrow = new Int32Array(length + 1);
  for (let row = 0; row <= length; row++) {
    if (pairs[2 * row + 1] !== 0 || (pairs[2 * row] as number) < 0) {
      throw errors.error('COLUMN_TOO_LARGE', {
        what: 'cannot narrow 64-bit offsets of an Arrow column',
        why: `row ${row} lies beyond 2^31 bytes`,
      });
    }
    narrow[row] = pairs[2 * row] as number;
  }
  return narrow;
}

function dictionaryColumn(type: DataType, data: Data, validity: Uint8Array | null, bitOffset: number): Column {
  const codes = data.values instanceof Int32Array ? data.values : Int32Array.from(data.values as Uint16Array);
  const wordType =
    type.kind === 'dictionary' ? utf8() : type.kind === 'binary' ? binary() : withNullability(type, false);
  const chunks = (data.dictionary as Vector).data.map((chunk) =>
    columnFromData(withNullability(wordType, true), chunk),
  );
  const words = chunks.length === 1 ? (chunks[0] as Column) : concatColumns(wordType, chunks);
  const column = makeColumn(type, data.length, { values: codes, validity, bitOffset, children: [words] });
  const encoded = nullWordsToNulls(column, words);
  if (type.kind === 'dictionary') {
    return { ...encoded, children: [retypeColumn({ ...words, nullCount: 0, validity: null }, wordType)] };
  }
  return takeColumn(words, codesWithNulls(encoded), encoded.length, type);
}

// A null inside the dictionary means a null row.
function nullWordsToNulls(column: Column, words: Column): Column {
  if (words.nullCount === 0) return column;
  const rows = takeColumn(words, codesWithNulls(column), column.length, withNullability(words.type, true));
  return makeColumn(column.type, column.length, {
    values: column.values,
    validity: rows.validity,
    children: column.children,
  });
}

function codesWithNulls(column: Column): Int32Array {
  const codes = column.values as Int32Array;
  const { validity, bitOffset } = column;
  if (validity === null) return codes;
  return codes.map((code, row) => {
    const bit = bitOffset + row;
    return (((validity[bit >> 3] as number) >> (bit & 7)) & 1) === 1 ? code : -1;
  });
}
