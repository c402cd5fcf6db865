import type {
  Bool,
  DataType,
  Decimal128,
  Float64,
  Int64,
  List,
  Struct,
  Uint64,
  WithNull,
} from '../../schema/data-type.js';
import type { Fields } from '../../schema/schema.js';

export type AggregateKind =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'variance'
  | 'stddev'
  | 'first'
  | 'last'
  | 'any'
  | 'boolAnd'
  | 'boolOr'
  | 'countDistinct'
  | 'approxCountDistinct'
  | 'quantile'
  | 'list'
  | 'largest'
  | 'smallest';

/** One aggregate as plain data; `type` is the type of its result. */
export interface AggregateSpec<T extends DataType = DataType> {
  readonly kind: AggregateKind;
  /** The input column; null counts rows. */
  readonly column: string | null;
  readonly type: T;
  /** For variance and stddev: over a population instead of a sample. */
  readonly population?: boolean;
  /** For quantile: which one, from 0 to 1. */
  readonly quantile?: number;
  /** For largest and smallest: how many. */
  readonly limit?: number;
}

export type NumericKind =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64';

/** The names of the columns of some kinds. */
export type NamesOfKind<F extends Fields, K extends DataType['kind']> = {
  [N in keyof F & string]: F[N]['kind'] extends K ? N : never;
}[keyof F & string];

/** The names of the columns that have an order. */
export type OrderedNames<F extends Fields> = {
  [N in keyof F & string]: F[N] extends List | Struct ? never : N;
}[keyof F & string];

/** Integers sum exactly in 64 bits, decimals in 38 digits, floats in 64-bit floats. */
export type SumOf<T extends DataType> = T['kind'] extends 'decimal128'
  ? Decimal128<T['nullable']>
  : T['kind'] extends 'float32' | 'float64'
    ? Float64<T['nullable']>
    : T['kind'] extends 'uint8' | 'uint16' | 'uint32' | 'uint64'
      ? Uint64<T['nullable']>
      : Int64<T['nullable']>;

/**
 * The aggregates over the columns of one schema; a column of a wrong type does not compile.
 *
 * Nulls do not count. A group without values gives null, which is possible only where the input has nulls.
 */
export interface AggregateBuilder<F extends Fields> {
  /** Rows; with a column, rows where it is not null. */
  count(column?: keyof F & string): AggregateSpec<Int64<false>>;
  /** Exact for integers and decimals (`ARITHMETIC_OVERFLOW` beyond 64 bits or 38 digits), compensated for floats. */
  sum<N extends NamesOfKind<F, NumericKind | 'decimal128'>>(column: N): AggregateSpec<SumOf<F[N]>>;
  mean<N extends NamesOfKind<F, NumericKind | 'decimal128'>>(column: N): AggregateSpec<Float64<F[N]['nullable']>>;
  min<N extends OrderedNames<F>>(column: N): AggregateSpec<F[N]>;
  /** NaN is the greatest number. */
  max<N extends OrderedNames<F>>(column: N): AggregateSpec<F[N]>;
  /** Of a sample (n − 1), or with `population` of a population (n). */
  variance(column: NamesOfKind<F, NumericKind>, options?: VarianceOptions): AggregateSpec<Float64<true>>;
  stddev(column: NamesOfKind<F, NumericKind>, options?: VarianceOptions): AggregateSpec<Float64<true>>;
  /** The value of the first row to arrive, null or not. */
  first<N extends OrderedNames<F>>(column: N): AggregateSpec<F[N]>;
  last<N extends OrderedNames<F>>(column: N): AggregateSpec<F[N]>;
  /** The first value that is not null. */
  any<N extends OrderedNames<F>>(column: N): AggregateSpec<F[N]>;
  /** How many different values there are, exactly; memory grows with their number. */
  countDistinct(column: OrderedNames<F>): AggregateSpec<Int64<false>>;
  /** About how many different values there are: within 1.6 % two times out of three; at most 4096 small entries a group. */
  approxCountDistinct(column: OrderedNames<F>): AggregateSpec<Int64<false>>;
  /** All values in order of arrival, without nulls; null for a group that has none. */
  list<N extends OrderedNames<F>>(column: N): AggregateSpec<List<F[N]['nullable'], WithNull<F[N], false>>>;
  /** The `limit` largest values, largest first, without nulls; null for a group that has none. NaN is the greatest number. */
  largest<N extends OrderedNames<F>>(
    column: N,
    limit: number,
  ): AggregateSpec<List<F[N]['nullable'], WithNull<F[N], false>>>;
  /** The `limit` smallest values, smallest first. */
  smallest<N extends OrderedNames<F>>(
    column: N,
    limit: number,
  ): AggregateSpec<List<F[N]['nullable'], WithNull<F[N], false>>>;
  /** The value below which a share `q` (0 to 1) of the values lies, within 1 %; NaN does not count. */
  quantile(column: NamesOfKind<F, NumericKind>, q: number): AggregateSpec<Float64<true>>;
  boolAnd<N extends NamesOfKind<F, 'bool'>>(column: N): AggregateSpec<Bool<F[N]['nullable']>>;
  boolOr<N extends NamesOfKind<F, 'bool'>>(column: N): AggregateSpec<Bool<F[N]['nullable']>>;
}

export interface VarianceOptions {
  /** Divide by n instead of n − 1. Default false. */
  readonly population?: boolean;
}

/** The fields that a record of aggregates produces. */
export type AggregateFields<A extends Readonly<Record<string, AggregateSpec>>> = {
  readonly [N in keyof A]: A[N] extends AggregateSpec<infer T> ? T : never;
};
