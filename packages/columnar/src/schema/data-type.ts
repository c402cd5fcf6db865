export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** What every column type has: its kind, the JavaScript value at the surface (phantom), and whether nulls may occur. */
export interface TypeBase<Kind extends string, Value, Nullable extends boolean> {
  readonly kind: Kind;
  readonly nullable: Nullable;
  /** Never present at run time: carries the surface value's type. */
  readonly _value?: Value;
}

export type Int8<N extends boolean = boolean> = TypeBase<'int8', number, N>;
export type Int16<N extends boolean = boolean> = TypeBase<'int16', number, N>;
export type Int32<N extends boolean = boolean> = TypeBase<'int32', number, N>;
export type Int64<N extends boolean = boolean> = TypeBase<'int64', bigint, N>;
export type Uint8<N extends boolean = boolean> = TypeBase<'uint8', number, N>;
export type Uint16<N extends boolean = boolean> = TypeBase<'uint16', number, N>;
export type Uint32<N extends boolean = boolean> = TypeBase<'uint32', number, N>;
export type Uint64<N extends boolean = boolean> = TypeBase<'uint64', bigint, N>;
export type Float32<N extends boolean = boolean> = TypeBase<'float32', number, N>;
export type Float64<N extends boolean = boolean> = TypeBase<'float64', number, N>;
export type Bool<N extends boolean = boolean> = TypeBase<'bool', boolean, N>;
export type Utf8<N extends boolean = boolean> = TypeBase<'utf8', string, N>;
export type Binary<N extends boolean = boolean> = TypeBase<'binary', Uint8Array, N>;
/** Strings stored once and referred to by 32-bit codes. */
export type Dictionary<N extends boolean = boolean> = TypeBase<'dictionary', string, N>;
/** An instant; the surface value is epoch milliseconds (µs and ns give fractions; ns beyond 2^53 loses the last digits and says so). */
export interface Timestamp<N extends boolean = boolean> extends TypeBase<'timestamp', number, N> {
  readonly unit: TimeUnit;
  readonly timezone: string | null;
}
/** A calendar day; the surface value is epoch milliseconds of its midnight in UTC. `day` is stored in 32 bits, `ms` in 64. */
export interface DateType<N extends boolean = boolean> extends TypeBase<'date', number, N> {
  readonly unit: 'day' | 'ms';
}
/** A time of day; the surface value is milliseconds since midnight. `s` and `ms` are stored in 32 bits, `us` and `ns` in 64. */
export interface Time<N extends boolean = boolean> extends TypeBase<'time', number, N> {
  readonly unit: TimeUnit;
}
/** A length of time; the surface value is milliseconds. */
export interface Duration<N extends boolean = boolean> extends TypeBase<'duration', number, N> {
  readonly unit: TimeUnit;
}
/** A decimal of at most 38 digits; the surface value is its exact text, `'12.30'`. */
export interface Decimal128<N extends boolean = boolean> extends TypeBase<'decimal128', string, N> {
  readonly precision: number;
  readonly scale: number;
}
/** A list's surface value; an interface because an alias would be circular. */
interface ItemsOf<T extends Valued> extends ReadonlyArray<ValueOf<T>> {}

/** A variable number of items of one type. */
export interface List<N extends boolean = boolean, T extends DataType = DataType> {
  readonly kind: 'list';
  readonly nullable: N;
  readonly item: T;
  /** Never present at run time: carries the surface value's type. */
  readonly _value?: ItemsOf<T>;
}
/** Named fields in one column. */
export interface Struct<N extends boolean = boolean, F extends Fields = Fields> {
  readonly kind: 'struct';
  readonly nullable: N;
  readonly fields: F;
  /** Never present at run time: carries the surface value's type. */
  readonly _value?: RowOf<F>;
}

/** The union widens as types are added; switches over `kind` are exhaustive. */
export type DataType =
  | Int8
  | Int16
  | Int32
  | Int64
  | Uint8
  | Uint16
  | Uint32
  | Uint64
  | Float32
  | Float64
  | Bool
  | Utf8
  | Binary
  | Dictionary
  | Timestamp
  | DateType
  | Time
  | Duration
  | Decimal128
  | List
  | Struct;

export type TypeKind = DataType['kind'];

interface Valued {
  readonly nullable: boolean;
  readonly _value?: unknown;
}

/** The surface value of a type: `null` is possible only where the type says so. */
export type ValueOf<T extends Valued> = NonNullable<T['_value']> | (T['nullable'] extends false ? never : null);

/** The same type with its nullability replaced. */
export type WithNull<T extends DataType, N extends boolean> = T extends Timestamp
  ? Timestamp<N>
  : T extends DateType
    ? DateType<N>
    : T extends Time
      ? Time<N>
      : T extends Duration
        ? Duration<N>
        : T extends Decimal128
          ? Decimal128<N>
          : T extends List<boolean, infer I>
            ? List<N, I>
            : T extends Struct<boolean, infer F>
              ? Struct<N, F>
              : TypeBase<T['kind'], NonNullable<T['_value']>, N>;

/** Field names to types; the one type parameter that everything typed in Sabot carries. */
export type Fields = Readonly<Record<string, DataType>>;

/** A row as a user writes or reads it: 64-bit integers are `bigint`, nullable columns may be `null`. */
export type RowOf<F extends Fields> = { readonly [N in keyof F]: ValueOf<F[N]> };
