import { describeSchema } from '../schema/define-schema.js';
import type { Schema } from '../schema/schema.js';

/** One block of memory with columns in it; `layout` says where, see `parcel-layout.ts`. */
export interface ParcelBlock {
  readonly memory: ArrayBuffer | SharedArrayBuffer;
  readonly layout: Float64Array;
}

/** The words of a dictionary column, shared once and named so that a receiver knows them again. */
export interface SharedWords extends ParcelBlock {
  readonly id: string;
}

/** A batch as plain data for `postMessage`: few objects, whatever the number of columns. */
export interface BatchParcel extends ParcelBlock {
  /** The columns and their types as text; the schema itself does not travel. */
  readonly schema: string;
  readonly numRows: number;
  /** Size of the memory of this parcel's own rows; shared dictionaries not counted. */
  readonly bytes: number;
  /** The dictionaries of shared parcels, in the order in which columns use them. */
  readonly dictionaries: readonly SharedWords[];
}

const signatures = new WeakMap<Schema, string>();

/** The text by which sender and receiver compare schemas; made once per schema. */
export function schemaSignature(schema: Schema): string {
  let known = signatures.get(schema);
  if (known === undefined) {
    known = describeSchema(schema);
    signatures.set(schema, known);
  }
  return known;
}
