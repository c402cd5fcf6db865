import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import type { Column } from '../batch/column.js';
import { concatColumns } from '../kernels/concat.js';
import type { Schema } from '../schema/schema.js';
import { FlatTable } from './flat-reader.js';
import { CONTINUATION, HEADER, padded } from './format.js';
import { malformed } from './malformed.js';
import { type IncomingMessage, readMessage } from './message-reader.js';
import { RecordReader } from './record-reader.js';
import { batchMessages, type OutgoingMessage } from './record-writer.js';
import { readSchema, type StoredField, type StoredSchema } from './schema-reader.js';
import { writeSchemaMetadata } from './schema-writer.js';

const schemaMetadata = new WeakMap<Schema, Uint8Array>();

/** The metadata of a schema's message; the same schema gives the same bytes. */
export function schemaMetadataOf(schema: Schema): Uint8Array {
  let known = schemaMetadata.get(schema);
  if (known === undefined) {
    known = writeSchemaMetadata(schema);
    schemaMetadata.set(schema, known);
  }
  return known;
}

/** An Arrow IPC stream of batches of one schema. */
export function encodeIpcStream(schema: Schema, batches: readonly Batch[]): Uint8Array {
  const messages = [{ metadata: schemaMetadataOf(schema), buffers: [], bodyLength: 0 } as OutgoingMessage];
  for (const batch of batches) messages.push(...batchMessages(batch));
  return layOut(messages);
}

function layOut(messages: readonly OutgoingMessage[]): Uint8Array {
  let size = 8;
  for (const message of messages) size += 8 + message.metadata.length + message.bodyLength;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { metadata, buffers } of messages) {
    view.setInt32(at, CONTINUATION, true);
    view.setInt32(at + 4, metadata.length, true);
    bytes.set(metadata, at + 8);
    at += 8 + metadata.length;
    for (const buffer of buffers) {
      bytes.set(buffer, at);
      at += padded(buffer.length);
    }
  }
  view.setInt32(at, CONTINUATION, true);
  return bytes;
}

/** What a stream holds. */
export interface IpcStream {
  readonly schema: Schema;
  readonly batches: readonly Batch[];
}

/**
 * The batches of an Arrow IPC stream, without copying: they keep `bytes` alive and must not see it change.
 *
 * Everything is checked: lengths, offsets, dictionary codes, UTF-8. Errors: `IPC_MALFORMED`, `ARROW_UNSUPPORTED`.
 */
export function decodeIpcStream(bytes: Uint8Array): IpcStream {
  const reader = new StreamReader(bytes);
  const { schema } = reader.stored;
  const batches: Batch[] = [];
  for (let batch = reader.next(schema); batch !== null; batch = reader.next(schema)) batches.push(batch);
  return { schema, batches };
}

/** Reads a stream message by message; `knownAs` saves reading the schema again when its bytes are the expected ones. */
export class StreamReader {
  readonly stored: StoredSchema;
  private readonly bytes: Uint8Array;
  private readonly dictionaries = new Map<string, Column>();
  private readonly words: ReadonlyMap<string, StoredField>;
  private position: number;

  constructor(bytes: Uint8Array, known?: { readonly metadata: Uint8Array; readonly stored: StoredSchema }) {
    const first = readMessage(bytes, 0);
    if (first === null || first.kind !== HEADER.schema) throw malformed('the stream does not start with a schema');
    this.bytes = bytes;
    this.position = first.end;
    this.stored =
      known !== undefined && sameBytes(first.metadata, known.metadata) ? known.stored : readSchema(first.header);
    this.words = wordsOf(this.stored.fields);
  }

  /** The next batch under the given schema, which must equal the stream's; null at the end. */
  next<S extends Schema>(schema: S): Batch<S['fields']> | null {
    for (;;) {
      const message = readMessage(this.bytes, this.position);
      if (message === null) return null;
      this.position = message.end;
      if (message.kind === HEADER.recordBatch) {
        const reader = new RecordReader(message.header, message.body, this.dictionaries);
        return trustedBatch(schema as Schema<S['fields']>, reader.numRows, reader.columns(this.stored.fields));
      }
      if (message.kind !== HEADER.dictionaryBatch) throw malformed('a message is neither a batch nor a dictionary');
      this.readDictionary(message);
    }
  }

  private readDictionary(message: IncomingMessage): void {
    const id = message.header.identifier(0);
    const field = this.words.get(id);
    const record = message.header.table(1);
    if (field === undefined || record === null) throw malformed(`no column uses dictionary ${id}`);
    const reader = new RecordReader(record, message.body, this.dictionaries);
    const column = reader.columns([field])[0] as Column;
    const before = this.dictionaries.get(id);
    const isDelta = message.header.int8(2, 0) !== 0;
    this.dictionaries.set(id, isDelta && before !== undefined ? concatColumns(column.type, [before, column]) : column);
  }
}

function wordsOf(fields: readonly StoredField[], into = new Map<string, StoredField>()): Map<string, StoredField> {
  for (const field of fields) {
    if (field.dictionary !== null) into.set(field.dictionary.id, field.dictionary.words);
    wordsOf(field.children, into);
  }
  return into;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** A schema as bytes: an Arrow IPC stream without batches. */
export function schemaToBytes(schema: Schema): Uint8Array {
  return encodeIpcStream(schema, []);
}

/** The schema of an Arrow IPC stream. */
export function schemaFromBytes(bytes: Uint8Array): Schema {
  return new StreamReader(bytes).stored.schema;
}

/** The stored form of a schema, as it would be read back. */
export function storedSchemaOf(schema: Schema): StoredSchema {
  const { fields } = readSchema(FlatTable.root(schemaMetadataOf(schema)).table(2) as FlatTable);
  return { schema, fields };
}
