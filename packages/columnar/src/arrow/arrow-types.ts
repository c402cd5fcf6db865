import {
  Bool as ArrowBool,
  type DataType as ArrowType,
  Binary,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Duration,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Precision,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  Timestamp,
  TimeUnit,
  Type,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { errors } from '../errors.js';
import type { DataType, TimeUnit as Unit } from '../schema/data-type.js';
import { integerType } from '../schema/integer-type.js';
import * as types from '../schema/types.js';

const UNITS: readonly Unit[] = ['s', 'ms', 'us', 'ns'];

/** The column type of an Arrow field; large strings and binaries become ordinary ones, fixed sizes variable. */
export function typeFromArrow(field: Field): DataType {
  return types.withNullability(bareType(field.type, field.name), field.nullable);
}

function bareType(type: ArrowType, name: string): DataType {
  switch (type.typeId) {
    case Type.Int:
      return integerType((type as Int64).bitWidth, (type as Int64).isSigned);
    case Type.Float:
      if ((type as Float64).precision === Precision.HALF) throw unsupported(type, name);
      return (type as Float64).precision === Precision.SINGLE ? types.float32() : types.float64();
    case Type.Bool:
      return types.bool();
    case Type.Utf8:
    case Type.LargeUtf8:
      return types.utf8();
    case Type.Binary:
    case Type.LargeBinary:
    case Type.FixedSizeBinary:
      return types.binary();
    case Type.Timestamp:
      return types.timestamp(UNITS[(type as Timestamp).unit] as Unit, (type as Timestamp).timezone ?? null);
    case Type.Date:
      return types.date(type instanceof DateDay || (type as DateDay).unit === 0 ? 'day' : 'ms');
    case Type.Time:
      return types.time(UNITS[(type as TimeSecond).unit] as Unit);
    case Type.Duration:
      return types.duration(UNITS[(type as Duration).unit] as Unit);
    case Type.Decimal:
      if ((type as Decimal).bitWidth !== 128) throw unsupported(type, name);
      return types.decimal128((type as Decimal).precision, (type as Decimal).scale);
    case Type.Dictionary:
      return dictionaryType(type as Dictionary, name);
    case Type.List:
    case Type.FixedSizeList:
      return types.list(typeFromArrow((type as List).children[0] as Field));
    case Type.Struct:
      return types.struct(Object.fromEntries((type as Struct).children.map((f) => [f.name, typeFromArrow(f)])));
    default:
      throw unsupported(type, name);
  }
}

// Only strings stay encoded: a dictionary of other values is written out when the data is read.
function dictionaryType(type: Dictionary, name: string): DataType {
  const value = bareType(type.dictionary, name);
  return value.kind === 'utf8' ? types.dictionary() : value;
}

/** The error for an Arrow type without a column type. */
export function unsupported(type: ArrowType, name: string): Error {
  return errors.error('ARROW_UNSUPPORTED', {
    what: `cannot take the Arrow column "${name}" of type ${type}`,
    why: 'there is no column type for it',
  });
}

const TIMES = { s: TimeSecond, ms: TimeMillisecond, us: TimeMicrosecond, ns: TimeNanosecond };
const TIME_UNITS = { s: TimeUnit.SECOND, ms: TimeUnit.MILLISECOND, us: TimeUnit.MICROSECOND, ns: TimeUnit.NANOSECOND };
const PLAIN = {
  int8: Int8,
  int16: Int16,
  int32: Int32,
  int64: Int64,
  uint8: Uint8,
  uint16: Uint16,
  uint32: Uint32,
  uint64: Uint64,
  float32: Float32,
  float64: Float64,
  bool: ArrowBool,
  utf8: Utf8,
  binary: Binary,
};

/** The Arrow type of a column type. `dictionaryId` numbers the dictionaries of one schema. */
export function typeToArrow(type: DataType): ArrowType {
  switch (type.kind) {
    case 'timestamp':
      return new Timestamp(TIME_UNITS[type.unit], type.timezone);
    case 'date':
      return type.unit === 'day' ? new DateDay() : new DateMillisecond();
    case 'time':
      return new TIMES[type.unit]();
    case 'duration':
      return new Duration(TIME_UNITS[type.unit]);
    case 'decimal128':
      return new Decimal(type.scale, type.precision, 128);
    case 'dictionary':
      return new Dictionary(new Utf8(), new Int32());
    case 'list':
      return new List(fieldToArrow('item', type.item));
    case 'struct':
      return new Struct(Object.entries(type.fields).map(([name, field]) => fieldToArrow(name, field)));
    default:
      return new PLAIN[type.kind]();
  }
}

/** The Arrow field of a named column type. */
export function fieldToArrow(name: string, type: DataType): Field {
  return new Field(name, typeToArrow(type), type.nullable);
}
