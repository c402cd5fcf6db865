import type { DataType, ValueOf } from './data-type.js';

/** Field names to types; the one type parameter that everything typed in Sabot carries. */
export type Fields = Readonly<Record<string, DataType>>;

/** A batch's columns in order, with string metadata that travels through Arrow IPC. */
export interface Schema<F extends Fields = Fields> {
  readonly fields: F;
  /** The field names in column order. Plain strings, so that a `Schema<F>` is also a `Schema`. */
  readonly names: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** A row as a user writes or reads it: 64-bit integers are `bigint`, nullable columns may be `null`. */
export type RowOf<F extends Fields> = { readonly [N in keyof F]: ValueOf<F[N]> };
