import type { Batch } from '../batch/batch.js';
import { errors } from '../errors.js';
import { describeSchema, sameSchema } from '../schema/define-schema.js';
import type { Fields, Schema } from '../schema/schema.js';
import { malformed } from './malformed.js';
import type { StoredSchema } from './schema-reader.js';
import { encodeIpcStream, StreamReader, schemaMetadataOf, storedSchemaOf } from './stream.js';

/** One batch as self-contained bytes: an Arrow IPC stream with its schema, which any Arrow implementation reads. */
export function encodeBatch(batch: Batch): Uint8Array {
  return encodeIpcStream(batch.schema, [batch]);
}

const expected = new WeakMap<Schema, { metadata: Uint8Array; stored: StoredSchema }>();

/**
 * The batch in bytes written by `encodeBatch`, without copying; `bytes` must not change while the batch lives.
 *
 * Errors: `SCHEMA_MISMATCH` when the bytes hold another schema, `IPC_MALFORMED` when they are damaged.
 */
export function decodeBatch<F extends Fields>(schema: Schema<F>, bytes: Uint8Array): Batch<F> {
  let known = expected.get(schema);
  if (known === undefined) {
    known = { metadata: schemaMetadataOf(schema), stored: storedSchemaOf(schema) };
    expected.set(schema, known);
  }
  const reader = new StreamReader(bytes, known);
  if (reader.stored !== known.stored && !sameSchema(reader.stored.schema, schema)) {
    throw errors.error('SCHEMA_MISMATCH', {
      what: `cannot decode a batch of (${describeSchema(reader.stored.schema)})`,
      why: `(${describeSchema(schema)}) is expected`,
    });
  }
  const batch = reader.next(schema);
  if (batch === null) throw malformed('the stream holds no batch');
  return batch;
}
