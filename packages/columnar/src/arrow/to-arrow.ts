import {
  Schema as ArrowSchema,
  Struct as ArrowStruct,
  type DataType as ArrowType,
  type Data,
  type Dictionary,
  type List,
  makeData,
  RecordBatch,
  Table,
  Vector,
} from 'apache-arrow';
import type { Batch } from '../batch/batch.js';
import type { Column } from '../batch/column.js';
import type { DataType } from '../schema/data-type.js';
import { fieldType } from '../schema/define-schema.js';
import { layoutOf } from '../schema/layout.js';
import type { Schema } from '../schema/schema.js';
import { fieldToArrow } from './arrow-types.js';

const schemas = new WeakMap<Schema, ArrowSchema>();

/** The Arrow schema of a schema; the same schema gives the same object. */
export function schemaToArrow(schema: Schema): ArrowSchema {
  let known = schemas.get(schema);
  if (known === undefined) {
    const fields = schema.names.map((name) => fieldToArrow(name, fieldType(schema, name)));
    known = new ArrowSchema(fields, new Map(schema.metadata));
    schemas.set(schema, known);
  }
  return known;
}

/** An Arrow record batch over the buffers of a batch, without copying (64-bit values must be aligned to 8 bytes). */
export function batchToArrow(batch: Batch): RecordBatch {
  const schema = schemaToArrow(batch.schema);
  const children = batch.columns.map((column, i) => columnToData(column, schema.fields[i]?.type as ArrowType));
  const type = new ArrowStruct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length: batch.numRows, nullCount: 0, children }));
}

/** An Arrow table of batches of one schema, without copying. */
export function tableFromBatches(schema: Schema, batches: readonly Batch[]): Table {
  return new Table(schemaToArrow(schema), batches.map(batchToArrow));
}

function columnToData(column: Column, type: ArrowType): Data {
  const { length, nullCount, bitOffset: offset, validity: nullBitmap } = column;
  const parts = { type, length, nullCount, offset, nullBitmap };
  switch (layoutOf(column.type).shape) {
    case 'fixed':
      return makeData({ ...parts, data: alignedValues(column) } as never);
    case 'bits':
      return makeData({ ...parts, data: column.values } as never);
    case 'bytes':
      return makeData({ ...parts, data: column.values, valueOffsets: column.offsets } as never);
    case 'codes': {
      const words = columnToData(column.children[0] as Column, (type as Dictionary).dictionary);
      return makeData({ ...parts, data: column.values, dictionary: new Vector([words]) } as never);
    }
    case 'list': {
      const child = columnToData(column.children[0] as Column, (type as List).children[0]?.type as ArrowType);
      return makeData({ ...parts, valueOffsets: column.offsets, child } as never);
    }
    case 'struct': {
      const fields = (type as ArrowStruct).children;
      const children = column.children.map((child, i) => columnToData(child, fields[i]?.type as ArrowType));
      return makeData({ ...parts, children } as never);
    }
  }
}

// Arrow reads 64-bit integers through BigInt64Array, which demands 8-byte alignment.
function alignedValues(column: Column): ArrayBufferView {
  const { values } = column;
  if (!isWide(column.type)) return values;
  const aligned = values.byteOffset % 8 === 0 ? values : values.slice();
  const items = aligned.length >> 1;
  return column.type.kind === 'uint64'
    ? new BigUint64Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, items)
    : new BigInt64Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, items);
}

function isWide(type: DataType): boolean {
  const layout = layoutOf(type);
  return layout.shape === 'fixed' && layout.width === 2;
}
