import type {
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
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  ValueOf,
  WithNull,
} from '../schema/data-type.js';
import type { Fields } from '../schema/schema.js';
import type { Expr } from './expr.js';
import type { ExtractField, TruncateUnit } from './functions/time.js';
import type { ArithmeticOf, EitherNull, NumberKind } from './numeric-types.js';

type IntegerType = Int8 | Int16 | Int32 | Int64 | Uint8 | Uint16 | Uint32 | Uint64;
export type NumberType = IntegerType | Float32 | Float64;
type TextType = Utf8 | Dictionary;
type InstantType = Timestamp | DateType;

/** A number that takes the type of the other operand, or an expression of a number. */
export type NumberOperand = number | bigint | Expr<NumberType>;
/** A number or the digits of one, a decimal, or an integer. */
export type DecimalOperand = number | bigint | string | Expr<Decimal128 | IntegerType>;
export type TextOperand = string | Expr<TextType>;
/** Epoch milliseconds, a `Date`, or an expression of an instant of the same kind and unit. */
export type InstantOperand = number | Date | Expr<InstantType>;
type BoolOperand = boolean | Expr<Bool>;

/** The type of an operand; a plain value takes the type of the other side. */
type OperandType<Operand, Other extends DataType> = Operand extends Expr<infer T> ? T : WithNull<Other, false>;
type Or<A extends DataType, Operand> = EitherNull<A, OperandType<Operand, A>>;

/** What every expression can do. */
export interface AnyExpr<T extends DataType> extends Expr<T> {
  isNull(): BoolExpr<Bool<false>>;
  isNotNull(): BoolExpr<Bool<false>>;
  /** The value as another type; `CAST_INVALID` where it does not fit. Floats round to the nearest, halves to even. */
  cast<To extends DataType>(to: To): Typed<WithNull<To, T['nullable']>>;
  /** As `cast`, but null where the value does not fit. */
  tryCast<To extends DataType>(to: To): Typed<WithNull<To, true>>;
  /** This value, or where it is null the given one. */
  orElse(value: NonNullable<ValueOf<T>> | Date): Typed<WithNull<T, false>>;
  /** The hash that `hashColumns` gives the value alone; not for lists and structs. */
  hash(): NumberExpr<Uint32<false>>;
  toString(): string;
}

/** Comparisons; null if either side is null, NaN equals NaN and is the greatest number. */
export interface Comparable<T extends DataType, Operand> {
  eq<O extends Operand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  neq<O extends Operand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  lt<O extends Operand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  le<O extends Operand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  gt<O extends Operand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  ge<O extends Operand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  /** From `low` to `high`, both included. */
  between<L extends Operand, H extends Operand>(low: L, high: H): BoolExpr<Bool<boolean>>;
  /** Whether the value is one of a fixed set. */
  in(values: readonly Exclude<Operand, Expr>[]): BoolExpr<Bool<T['nullable']>>;
}

/** Arithmetic: integers stay in the wider operand's type and fail on overflow; any float makes a float64. */
export interface NumberExpr<T extends DataType> extends AnyExpr<T>, Comparable<T, NumberOperand> {
  add<O extends NumberOperand>(other: O): Typed<ArithmeticOf<T, OperandType<O, T>>>;
  sub<O extends NumberOperand>(other: O): Typed<ArithmeticOf<T, OperandType<O, T>>>;
  mul<O extends NumberOperand>(other: O): Typed<ArithmeticOf<T, OperandType<O, T>>>;
  /** Always a float64, by IEEE 754: division by zero gives an infinity or NaN. */
  div<O extends NumberOperand>(other: O): NumberExpr<Float64<Or<T, O>>>;
  /** The whole quotient, rounded towards zero; null where the divisor is 0. Integers only. */
  intDiv<O extends NumberOperand>(other: O): Typed<WithNull<ArithmeticOf<T, OperandType<O, T>>, true>>;
  /** The rest, with the sign of this number; for integers null where the divisor is 0. */
  mod<O extends NumberOperand>(other: O): Typed<WithNull<ArithmeticOf<T, OperandType<O, T>>, true>>;
  neg(): Typed<T>;
  abs(): Typed<T>;
  /** To the nearest whole number, halves away from zero; integers stay as they are. */
  round(): Typed<T>;
  floor(): Typed<T>;
  ceil(): Typed<T>;
  trunc(): Typed<T>;
  sqrt(): NumberExpr<Float64<T['nullable']>>;
  exp(): NumberExpr<Float64<T['nullable']>>;
  ln(): NumberExpr<Float64<T['nullable']>>;
  pow<O extends NumberOperand>(exponent: O): NumberExpr<Float64<Or<T, O>>>;
  sign(): NumberExpr<Float64<T['nullable']>>;
}

/**
 * Exact arithmetic on decimals and integers: sums and products get the digits that they need, at most 38, beyond which
 * they fail (`ARITHMETIC_OVERFLOW`). Floats do not mix in: cast one side.
 */
export interface DecimalExpr<T extends DataType> extends AnyExpr<T>, Comparable<T, DecimalOperand> {
  add<O extends DecimalOperand>(other: O): DecimalExpr<Decimal128<Or<T, O>>>;
  sub<O extends DecimalOperand>(other: O): DecimalExpr<Decimal128<Or<T, O>>>;
  mul<O extends DecimalOperand>(other: O): DecimalExpr<Decimal128<Or<T, O>>>;
  /** Always a float64; division by zero gives an infinity or NaN. */
  div<O extends number | Expr<Decimal128 | NumberType>>(other: O): NumberExpr<Float64<Or<T, O>>>;
  /** The rest, with the sign of this number; null where the divisor is 0. */
  mod<O extends DecimalOperand>(other: O): DecimalExpr<Decimal128<true>>;
  neg(): DecimalExpr<T>;
  abs(): DecimalExpr<T>;
  /** To the nearest whole number, halves away from zero, as a decimal of scale 0. */
  round(): DecimalExpr<T>;
  floor(): DecimalExpr<T>;
  ceil(): DecimalExpr<T>;
  trunc(): DecimalExpr<T>;
}

/** SQL's three-valued logic. */
export interface BoolExpr<T extends DataType = Bool> extends AnyExpr<T> {
  and<O extends BoolOperand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  or<O extends BoolOperand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  not(): BoolExpr<T>;
  eq<O extends BoolOperand>(other: O): BoolExpr<Bool<Or<T, O>>>;
  neq<O extends BoolOperand>(other: O): BoolExpr<Bool<Or<T, O>>>;
}

/** Strings compare by code point; lengths and positions count characters from 0. */
export interface TextExpr<T extends DataType> extends AnyExpr<T>, Comparable<T, TextOperand> {
  /** Characters, not bytes. */
  length(): NumberExpr<Int32<T['nullable']>>;
  upper(): TextExpr<Utf8<T['nullable']>>;
  lower(): TextExpr<Utf8<T['nullable']>>;
  trim(): TextExpr<Utf8<T['nullable']>>;
  trimStart(): TextExpr<Utf8<T['nullable']>>;
  trimEnd(): TextExpr<Utf8<T['nullable']>>;
  substring(start: number, length?: number): TextExpr<Utf8<T['nullable']>>;
  contains<O extends TextOperand>(part: O): BoolExpr<Bool<Or<T, O>>>;
  startsWith<O extends TextOperand>(part: O): BoolExpr<Bool<Or<T, O>>>;
  endsWith<O extends TextOperand>(part: O): BoolExpr<Bool<Or<T, O>>>;
  concat<O extends TextOperand>(other: O): TextExpr<Utf8<Or<T, O>>>;
  replace(part: TextOperand, by: TextOperand): TextExpr<Utf8<boolean>>;
  /** Piece `index` (from 0) between separators; empty where there are fewer. */
  splitPart(separator: string, index: number): TextExpr<Utf8<T['nullable']>>;
  /** The pieces between separators, at least one; an empty separator cuts nothing. */
  split<O extends TextOperand>(separator: O): ListExpr<List<Or<T, O>, Utf8<false>>>;
  /** SQL's LIKE: `%` is any run of characters, `_` one, `\` escapes. */
  like(pattern: string): BoolExpr<Bool<T['nullable']>>;
  /** Whether a regular expression matches somewhere. */
  matches(pattern: RegExp): BoolExpr<Bool<T['nullable']>>;
  /** What a group (default 0, the whole) of the first match holds; empty without a match. */
  capture(pattern: RegExp, group?: number): TextExpr<Utf8<T['nullable']>>;
}

/** Instants: timestamps and dates, in UTC unless moved by `inZone`. */
export interface InstantExpr<T extends DataType> extends AnyExpr<T>, Comparable<T, InstantOperand> {
  /** The start of the unit; weeks start on Monday. */
  truncate(unit: TruncateUnit): Typed<T>;
  /** A field of the calendar or the clock; `dayOfWeek` is 1 (Monday) to 7, `week` that of ISO 8601. */
  extract(field: ExtractField): NumberExpr<Int32<T['nullable']>>;
  /** Milliseconds since 1970-01-01T00:00Z, with a fraction for finer units. */
  epochMs(): NumberExpr<Float64<T['nullable']>>;
  addMs(ms: number): Typed<T>;
  /** Days of 24 hours; for the same wall clock on another day, move into the zone and back. */
  addDays(days: number): Typed<T>;
  /** The same day of another month, or its last day. */
  addMonths(months: number): Typed<T>;
  /** The wall clock of a time zone such as `Europe/Berlin`; timestamps only. */
  inZone(zone: string): InstantExpr<Timestamp<T['nullable']>>;
  /** The UTC instant at which the wall clock of a zone shows this time; timestamps only. */
  fromZone(zone: string): InstantExpr<Timestamp<T['nullable']>>;
  /** How many starts of a unit lie between the other and this, negative when this is earlier. */
  diff<O extends Expr<InstantType>>(other: O, unit: TruncateUnit): NumberExpr<Int64<EitherNull<T, O['type']>>>;
  /** Timestamps only, of one unit: the length of time from the other to this. */
  sub<O extends Expr<Timestamp>>(other: O): DurationExpr<Duration<EitherNull<T, O['type']>>>;
  add<O extends Expr<Duration>>(other: O): Typed<WithNull<T, EitherNull<T, O['type']>>>;
}

/** Lengths of time and times of day. */
export interface DurationExpr<T extends DataType> extends AnyExpr<T>, Comparable<T, number | Expr<Duration | Time>> {
  /** Milliseconds, with a fraction for finer units. */
  epochMs(): NumberExpr<Float64<T['nullable']>>;
}

export interface StructExpr<T extends DataType> extends AnyExpr<T> {
  field<N extends FieldNames<T>>(name: N): FieldOf<T, N>;
}

type FieldNames<T> = T extends Struct<boolean, infer F> ? keyof F & string : never;
type FieldOf<T extends DataType, N extends string> =
  T extends Struct<boolean, infer F> ? Typed<WithNull<F[N], EitherNull<T, F[N]>>> : never;

export interface ListExpr<T extends DataType> extends AnyExpr<T> {
  /** Item `index` from 0, or from the end when negative; null where the list is shorter. */
  at(index: number): T extends List<boolean, infer I> ? Typed<WithNull<I, true>> : never;
  listLength(): NumberExpr<Int32<T['nullable']>>;
}

/** The expression interface of a type. */
export type Typed<T extends DataType> = T['kind'] extends NumberKind
  ? NumberExpr<T>
  : T['kind'] extends 'bool'
    ? BoolExpr<T>
    : T['kind'] extends 'utf8' | 'dictionary'
      ? TextExpr<T>
      : T['kind'] extends 'timestamp' | 'date'
        ? InstantExpr<T>
        : T['kind'] extends 'duration' | 'time'
          ? DurationExpr<T>
          : T['kind'] extends 'struct'
            ? StructExpr<T>
            : T['kind'] extends 'list'
              ? ListExpr<T>
              : T['kind'] extends 'decimal128'
                ? DecimalExpr<T>
                : AnyExpr<T>;

/** One expression per column of a schema, under the column's name. */
export type ColumnRefs<F extends Fields> = { readonly [N in keyof F]: Typed<F[N]> };
