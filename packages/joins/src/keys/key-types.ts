import type { DataType, Fields } from '@sabot/columnar';

/** What two key columns must share to be comparable: dictionary columns hold text, the parameters of a type count. */
export type KeyKind<T extends DataType> = T extends { readonly kind: 'utf8' | 'dictionary' }
  ? 'text'
  : T extends { readonly kind: infer K extends string; readonly unit: infer U extends string }
    ? `${K}(${U})`
    : T['kind'];

/** The columns of F whose values can equal those of type T. */
export type ColumnLike<F extends Fields, T extends DataType> = {
  readonly [N in keyof F & string]: KeyKind<F[N]> extends KeyKind<T> ? N : never;
}[keyof F & string];

/** True for a union of two names or more. */
export type IsUnion<T, U = T> = [T] extends [never]
  ? false
  : T extends unknown
    ? [U] extends [T]
      ? false
      : true
    : never;

/** Names the stream's column for each key column of a table; the bare column name will do when the key is one column. */
export type TableKeys<F extends Fields, TF extends Fields, K extends keyof TF & string> =
  | { readonly [C in K]: ColumnLike<F, TF[C]> }
  | (IsUnion<K> extends true ? never : ColumnLike<F, TF[K]>);

/** Names that both sides have with comparable types. */
export type SharedKeys<L extends Fields, R extends Fields> = {
  readonly [N in keyof L & keyof R & string]: KeyKind<L[N]> extends KeyKind<R[N]> ? N : never;
}[keyof L & keyof R & string];

/** Left columns to the right columns they must equal, or names that both sides have. */
export type PairedKeys<L extends Fields, R extends Fields> =
  | { readonly [N in keyof L & string]?: ColumnLike<R, L[N]> }
  | SharedKeys<L, R>
  | readonly SharedKeys<L, R>[];
