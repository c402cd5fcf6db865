import { errors } from '../errors.js';
import type { DataType, TimeUnit } from '../schema/data-type.js';
import { defineSchema } from '../schema/define-schema.js';
import { integerType } from '../schema/integer-type.js';
import type { Schema } from '../schema/schema.js';
import * as types from '../schema/types.js';
import type { FlatTable } from './flat-reader.js';
import { TYPE } from './format.js';
import { malformed } from './malformed.js';

/** A field as it stands in the stream: the column type it becomes, and how its buffers differ from that type's. */
export interface StoredField {
  readonly name: string;
  readonly type: DataType;
  /** 64-bit offsets, to be narrowed. */
  readonly large: boolean;
  /** Bytes or items per row for fixed sizes, whose offsets are not stored; 0 otherwise. */
  readonly fixedSize: number;
  /** Strings or bytes as views into several buffers, to be written into one. */
  readonly view?: boolean;
  readonly children: readonly StoredField[];
  /** For dictionary-encoded fields: whose codes the buffers hold, and how. */
  readonly dictionary: { readonly id: string; readonly words: StoredField; readonly index: DataType } | null;
}

export interface StoredSchema {
  readonly schema: Schema;
  readonly fields: readonly StoredField[];
}

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
const MAX_DEPTH = 64;
const MAX_FIELDS = 100_000;

/** Reads a Schema table. */
export function readSchema(table: FlatTable): StoredSchema {
  if (table.int16(0, 0) !== 0) throw unsupportedFeature('big-endian data');
  const budget = { fields: MAX_FIELDS };
  const fields = table.tables(1).map((field) => readField(field, 0, budget));
  const names = new Set(fields.map((field) => field.name));
  if (names.size !== fields.length) throw malformed('two columns have the same name');
  const metadata = new Map(table.tables(2).map((pair) => [pair.text(0) ?? '', pair.text(1) ?? '']));
  const schema = defineSchema(Object.fromEntries(fields.map((field) => [field.name, field.type])), metadata);
  return { schema, fields };
}

function readField(table: FlatTable, depth: number, budget: { fields: number }): StoredField {
  if (depth > MAX_DEPTH) throw malformed(`columns are nested more than ${MAX_DEPTH} deep`);
  // References may be shared, so that a few bytes could stand for endless fields.
  if (--budget.fields < 0) throw malformed(`there are more than ${MAX_FIELDS} fields`);
  const name = table.text(0) ?? '';
  const children = table.tables(5).map((child) => readField(child, depth + 1, budget));
  const stored = readType(table, name, children);
  const nullable = table.int8(1, 0) !== 0;
  const field = { name, children, dictionary: null, ...stored };
  const encoding = table.table(4);
  if (encoding === null) return { ...field, type: types.withNullability(field.type, nullable) };
  if (children.length > 0) throw unsupportedFeature(`the dictionary of nested values in column "${name}"`);
  const words = { ...field, type: types.nullable(field.type) };
  const index = encoding.table(1);
  const type = field.type.kind === 'utf8' ? types.dictionary() : field.type;
  return {
    ...field,
    type: types.withNullability(type, nullable),
    dictionary: { id: encoding.identifier(0), words, index: index === null ? types.int32() : readInt(index) },
  };
}

type StoredType = Pick<StoredField, 'type' | 'large' | 'fixedSize' | 'view'>;

const plain = (type: DataType): StoredType => ({ type, large: false, fixedSize: 0 });

function readType(field: FlatTable, name: string, children: readonly StoredField[]): StoredType {
  const tag = field.int8(2, 0);
  const table = field.table(3);
  if (table === null) throw malformed(`column "${name}" has no type`);
  switch (tag) {
    case TYPE.int:
      return plain(readInt(table));
    case TYPE.float:
      return plain(readFloat(table, name));
    case TYPE.bool:
      return plain(types.bool());
    case TYPE.utf8:
    case TYPE.largeUtf8:
      return { ...plain(types.utf8()), large: tag === TYPE.largeUtf8 };
    case TYPE.binary:
    case TYPE.largeBinary:
      return { ...plain(types.binary()), large: tag === TYPE.largeBinary };
    case TYPE.utf8View:
      return { ...plain(types.utf8()), view: true };
    case TYPE.binaryView:
      return { ...plain(types.binary()), view: true };
    case TYPE.fixedSizeBinary:
      return { ...plain(types.binary()), fixedSize: fixedSize(table, name) };
    case TYPE.list:
    case TYPE.largeList:
      return { ...plain(types.list(onlyChild(children, name).type)), large: tag === TYPE.largeList };
    case TYPE.fixedSizeList:
      return { ...plain(types.list(onlyChild(children, name).type)), fixedSize: fixedSize(table, name) };
    case TYPE.struct:
      return plain(types.struct(Object.fromEntries(children.map((child) => [child.name, child.type]))));
    default:
      return plain(readTemporal(table, tag, name));
  }
}

function readTemporal(table: FlatTable, tag: number, name: string): DataType {
  switch (tag) {
    case TYPE.timestamp:
      return types.timestamp(readUnit(table, 0), table.text(1));
    case TYPE.date:
      return types.date(table.int16(0, 1) === 0 ? 'day' : 'ms');
    case TYPE.time: {
      const unit = readUnit(table, 1);
      const narrow = unit === 's' || unit === 'ms';
      if (table.int32(1, 32) !== (narrow ? 32 : 64)) throw malformed(`column "${name}" has a time of a wrong width`);
      return types.time(unit);
    }
    case TYPE.duration:
      return types.duration(readUnit(table, 1));
    case TYPE.decimal:
      if (table.int32(2, 128) !== 128) throw unsupportedFeature(`the decimal width of column "${name}"`);
      return types.decimal128(table.int32(0, 0), table.int32(1, 0));
    default:
      throw unsupportedFeature(`type ${tag} of column "${name}"`);
  }
}

function readInt(table: FlatTable): DataType {
  const bits = table.int32(0, 0);
  if (![8, 16, 32, 64].includes(bits)) throw malformed(`there is no integer of ${bits} bits`);
  return integerType(bits, table.int8(1, 0) !== 0);
}

function readFloat(table: FlatTable, name: string): DataType {
  const precision = table.int16(0, 0);
  if (precision === 1) return types.float32();
  if (precision === 2) return types.float64();
  throw unsupportedFeature(`the float precision of column "${name}"`);
}

function readUnit(table: FlatTable, otherwise: number): TimeUnit {
  const unit = UNITS[table.int16(0, otherwise)];
  if (unit === undefined) throw malformed('there is no such time unit');
  return unit;
}

function fixedSize(table: FlatTable, name: string): number {
  const size = table.int32(0, 0);
  if (size <= 0) throw malformed(`column "${name}" has rows of ${size} items`);
  return size;
}

function onlyChild(children: readonly StoredField[], name: string): StoredField {
  if (children.length !== 1) throw malformed(`list column "${name}" has ${children.length} item fields`);
  return children[0] as StoredField;
}

function unsupportedFeature(what: string): Error {
  return errors.error('ARROW_UNSUPPORTED', { what: `cannot read ${what}`, why: 'there is no column type for it' });
}
