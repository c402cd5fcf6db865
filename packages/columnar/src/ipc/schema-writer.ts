import type { DataType, TimeUnit } from '../schema/data-type.js';
import { fieldType } from '../schema/define-schema.js';
import type { Schema } from '../schema/schema.js';
import { FlatWriter } from './flat-writer.js';
import { HEADER, TYPE, VERSION } from './format.js';

const UNITS: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 1, us: 2, ns: 3 };

/** Hands out dictionary ids in the order in which dictionary fields are met, depth first. */
class DictionaryIds {
  next = 0;
}

/** The metadata of a schema message. */
export function writeSchemaMetadata(schema: Schema): Uint8Array {
  const writer = new FlatWriter();
  const header = writeSchemaTable(writer, schema);
  return finishMessage(writer, HEADER.schema, header, 0);
}

/** Writes a Schema table; a file's footer holds one too. */
export function writeSchemaTable(writer: FlatWriter, schema: Schema): number {
  const ids = new DictionaryIds();
  const fields = writer.references(schema.names.map((name) => writeField(writer, name, fieldType(schema, name), ids)));
  const metadata = schema.metadata.size === 0 ? 0 : writeMetadata(writer, schema.metadata);
  writer.beginTable();
  if (metadata !== 0) writer.fieldReference(2, metadata);
  writer.fieldReference(1, fields);
  writer.fieldInt16(0, 0);
  return writer.endTable();
}

/** Wraps a header table in a Message table and finishes. */
export function finishMessage(writer: FlatWriter, kind: number, header: number, bodyLength: number): Uint8Array {
  writer.beginTable();
  writer.fieldInt64(3, bodyLength);
  writer.fieldReference(2, header);
  writer.fieldInt16(0, VERSION);
  writer.fieldInt8(1, kind);
  return writer.finish(writer.endTable());
}

function writeMetadata(writer: FlatWriter, metadata: ReadonlyMap<string, string>): number {
  const pairs = [...metadata].map(([key, value]) => {
    const keyText = writer.text(key);
    const valueText = writer.text(value);
    writer.beginTable();
    writer.fieldReference(1, valueText);
    writer.fieldReference(0, keyText);
    return writer.endTable();
  });
  return writer.references(pairs);
}

function writeField(writer: FlatWriter, name: string, type: DataType, ids: DictionaryIds): number {
  const id = type.kind === 'dictionary' ? ids.next++ : 0;
  const children = childrenOf(type).map(([child, inner]) => writeField(writer, child, inner, ids));
  const childVector = writer.references(children);
  const encoding = type.kind === 'dictionary' ? writeEncoding(writer, id) : 0;
  const nameText = writer.text(name);
  const { tag, table } = writeType(writer, type);
  writer.beginTable();
  writer.fieldReference(5, childVector);
  if (encoding !== 0) writer.fieldReference(4, encoding);
  writer.fieldReference(3, table);
  writer.fieldReference(0, nameText);
  writer.fieldInt8(2, tag);
  writer.fieldInt8(1, type.nullable ? 1 : 0);
  return writer.endTable();
}

function childrenOf(type: DataType): readonly (readonly [string, DataType])[] {
  if (type.kind === 'list') return [['item', type.item]];
  return type.kind === 'struct' ? Object.entries(type.fields) : [];
}

function writeEncoding(writer: FlatWriter, id: number): number {
  const index = writeInt(writer, 32, true);
  writer.beginTable();
  writer.fieldInt64(0, id);
  writer.fieldReference(1, index);
  return writer.endTable();
}

function writeInt(writer: FlatWriter, bits: number, signed: boolean): number {
  writer.beginTable();
  writer.fieldInt32(0, bits);
  writer.fieldInt8(1, signed ? 1 : 0);
  return writer.endTable();
}

function writeType(writer: FlatWriter, type: DataType): { tag: number; table: number } {
  switch (type.kind) {
    case 'float32':
    case 'float64':
      return unitType(writer, TYPE.float, type.kind === 'float32' ? 1 : 2);
    case 'bool':
    case 'utf8':
    case 'binary':
    case 'list':
    case 'struct':
      return emptyType(writer, TYPE[type.kind]);
    case 'dictionary':
      return emptyType(writer, TYPE.utf8);
    case 'date':
      return unitType(writer, TYPE.date, type.unit === 'day' ? 0 : 1);
    case 'duration':
      return unitType(writer, TYPE.duration, UNITS[type.unit]);
    case 'time':
      writer.beginTable();
      writer.fieldInt32(1, type.unit === 's' || type.unit === 'ms' ? 32 : 64);
      writer.fieldInt16(0, UNITS[type.unit]);
      return { tag: TYPE.time, table: writer.endTable() };
    case 'timestamp': {
      const zone = type.timezone === null ? 0 : writer.text(type.timezone);
      writer.beginTable();
      if (zone !== 0) writer.fieldReference(1, zone);
      writer.fieldInt16(0, UNITS[type.unit]);
      return { tag: TYPE.timestamp, table: writer.endTable() };
    }
    case 'decimal128':
      return { tag: TYPE.decimal, table: writeDecimalType(writer, type.precision, type.scale) };
    default: {
      const signed = type.kind.startsWith('int');
      const bits = Number(type.kind.slice(signed ? 3 : 4));
      return { tag: TYPE.int, table: writeInt(writer, bits, signed) };
    }
  }
}

function writeDecimalType(writer: FlatWriter, precision: number, scale: number): number {
  writer.beginTable();
  writer.fieldInt32(2, 128);
  writer.fieldInt32(1, scale);
  writer.fieldInt32(0, precision);
  return writer.endTable();
}

function emptyType(writer: FlatWriter, tag: number): { tag: number; table: number } {
  writer.beginTable();
  return { tag, table: writer.endTable() };
}

function unitType(writer: FlatWriter, tag: number, unit: number): { tag: number; table: number } {
  writer.beginTable();
  writer.fieldInt16(0, unit);
  return { tag, table: writer.endTable() };
}
