import { errors } from '../errors.js';
import type {
  Binary,
  Bool,
  DataType,
  DateType,
  Decimal128,
  Dictionary,
  Duration,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Struct,
  Time,
  Timestamp,
  TimeUnit,
  TypeKind,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  WithNull,
} from './data-type.js';
import type { Fields } from './schema.js';

// One frozen object per plain type: comparing types usually ends at `===`.
const plain = <T extends DataType>(kind: TypeKind): T => Object.freeze({ kind, nullable: false }) as unknown as T;
const plainTypes = {
  int8: plain<Int8<false>>('int8'),
  int16: plain<Int16<false>>('int16'),
  int32: plain<Int32<false>>('int32'),
  int64: plain<Int64<false>>('int64'),
  uint8: plain<Uint8<false>>('uint8'),
  uint16: plain<Uint16<false>>('uint16'),
  uint32: plain<Uint32<false>>('uint32'),
  uint64: plain<Uint64<false>>('uint64'),
  float32: plain<Float32<false>>('float32'),
  float64: plain<Float64<false>>('float64'),
  bool: plain<Bool<false>>('bool'),
  utf8: plain<Utf8<false>>('utf8'),
  binary: plain<Binary<false>>('binary'),
  dictionary: plain<Dictionary<false>>('dictionary'),
};

/** Signed 8-bit integers; `number` at the surface. */
export const int8 = (): Int8<false> => plainTypes.int8;
/** Signed 16-bit integers; `number` at the surface. */
export const int16 = (): Int16<false> => plainTypes.int16;
/** Signed 32-bit integers; `number` at the surface. */
export const int32 = (): Int32<false> => plainTypes.int32;
/** Signed 64-bit integers; `bigint` at the surface, (low, high) pairs in every loop. */
export const int64 = (): Int64<false> => plainTypes.int64;
/** Unsigned 8-bit integers; `number` at the surface. */
export const uint8 = (): Uint8<false> => plainTypes.uint8;
/** Unsigned 16-bit integers; `number` at the surface. */
export const uint16 = (): Uint16<false> => plainTypes.uint16;
/** Unsigned 32-bit integers; `number` at the surface. */
export const uint32 = (): Uint32<false> => plainTypes.uint32;
/** Unsigned 64-bit integers; `bigint` at the surface, (low, high) pairs in every loop. */
export const uint64 = (): Uint64<false> => plainTypes.uint64;
/** 32-bit floats. */
export const float32 = (): Float32<false> => plainTypes.float32;
/** 64-bit floats. */
export const float64 = (): Float64<false> => plainTypes.float64;
/** Booleans, one bit per row. */
export const bool = (): Bool<false> => plainTypes.bool;
/** Strings. */
export const utf8 = (): Utf8<false> => plainTypes.utf8;
/** Byte strings. */
export const binary = (): Binary<false> => plainTypes.binary;
/** Strings of few distinct values: each is stored once, rows hold 32-bit codes. */
export const dictionary = (): Dictionary<false> => plainTypes.dictionary;

/** Instants; epoch milliseconds at the surface. Default unit microseconds, no zone. */
export function timestamp(unit: TimeUnit = 'us', timezone: string | null = null): Timestamp<false> {
  return { kind: 'timestamp', nullable: false, unit, timezone };
}

/** Calendar days; epoch milliseconds of midnight UTC at the surface. Default stored as 32-bit days. */
export function date(unit: 'day' | 'ms' = 'day'): DateType<false> {
  return { kind: 'date', nullable: false, unit };
}

/** Times of day; milliseconds since midnight at the surface. Default unit microseconds. */
export function time(unit: TimeUnit = 'us'): Time<false> {
  return { kind: 'time', nullable: false, unit };
}

/** Lengths of time; milliseconds at the surface. Default unit microseconds. */
export function duration(unit: TimeUnit = 'us'): Duration<false> {
  return { kind: 'duration', nullable: false, unit };
}

/** Exact decimals of `precision` (1–38) digits, `scale` of them after the point; text at the surface. */
export function decimal128(precision: number, scale: number): Decimal128<false> {
  const valid = Number.isInteger(precision) && precision >= 1 && precision <= 38 && Number.isInteger(scale);
  if (!valid || scale < 0 || scale > precision) {
    throw errors.error('TYPE_INVALID', {
      what: `decimal128(${precision}, ${scale}) is not a type`,
      why: 'the precision is 1 to 38 digits and the scale 0 to the precision',
    });
  }
  return { kind: 'decimal128', nullable: false, precision, scale };
}

/** Lists of one item type: `list(nullable(utf8()))`. */
export function list<T extends DataType>(item: T): List<false, T> {
  return { kind: 'list', nullable: false, item };
}

/** Named fields in one column: `struct({ city: utf8(), state: utf8() })`. */
export function struct<F extends Fields>(fields: F): Struct<false, F> {
  return { kind: 'struct', nullable: false, fields };
}

/** The same type, nulls allowed. */
export function nullable<T extends DataType>(type: T): WithNull<T, true> {
  return withNullability(type, true);
}

/** The same type with its nullability replaced. */
export function withNullability<T extends DataType, N extends boolean>(type: T, nullable: N): WithNull<T, N> {
  // The conditional type says in types what the spread does in values.
  return (type.nullable === nullable ? type : { ...type, nullable }) as unknown as WithNull<T, N>;
}
