import type { Fields } from './data-type.js';

export type { Fields, RowOf } from './data-type.js';

/** A batch's columns in order, with string metadata that travels through Arrow IPC. */
export interface Schema<F extends Fields = Fields> {
  readonly fields: F;
  /** The field names in column order. Plain strings, so that a `Schema<F>` is also a `Schema`. */
  readonly names: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
}
