import type { Fields, Schema } from '@sabot/columnar';
import { encodeIpcStream, schemaToBytes } from '@sabot/columnar/ipc';
import type { Sink } from '../ports/sink.js';
import { type FileFormat, fileSink } from './file-sink.js';

/** The end-of-stream mark that every encoded stream closes with. */
const END = 8;

/**
 * Appends batches to an Arrow IPC stream file, exactly once: what any Arrow implementation reads.
 * A fresh start replaces the file; a restart goes on behind the last committed batch.
 */
export function arrowFileSink<F extends Fields>(path: string): Sink<F> {
  const heads = new WeakMap<Schema, Uint8Array>();
  const head = (schema: Schema): Uint8Array => {
    const known = heads.get(schema);
    if (known !== undefined) return known;
    const bytes = schemaToBytes(schema);
    const made = bytes.subarray(0, bytes.length - END);
    heads.set(schema, made);
    return made;
  };
  const format: FileFormat = {
    head,
    encode(batch) {
      const bytes = encodeIpcStream(batch.schema, [batch]);
      return bytes.subarray(head(batch.schema).length, bytes.length - END);
    },
    tail: Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0),
  };
  return fileSink(`arrow file ${path}`, path, format);
}
