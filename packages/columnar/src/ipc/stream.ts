import type { Batch } from '../batch/batch.js';
import type { Schema } from '../schema/schema.js';
import type { IpcCompression } from './compression/body-compression.js';
import { FlatTable } from './flat-reader.js';
import { HEADER } from './format.js';
import { malformed } from './malformed.js';
import { MessageDecoder } from './message-decoder.js';
import { layOutMessages } from './message-layout.js';
import { plainBytes, readMessage } from './message-reader.js';
import { type IpcReadOptions, ReadBudget } from './read-budget.js';
import { batchMessages, type OutgoingMessage, type WrittenWords } from './record-writer.js';
import { readSchema, type StoredSchema } from './schema-reader.js';
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

/** The message that a stream starts with. */
export function schemaMessage(schema: Schema): OutgoingMessage {
  return { metadata: schemaMetadataOf(schema), buffers: [], bodyLength: 0 };
}

/** How batches become bytes. */
export interface IpcWriteOptions {
  /** Compresses each buffer; `zstd` needs `await loadZstd()` once in the process. Default none. */
  readonly compression?: IpcCompression;
}

/** An Arrow IPC stream of batches of one schema. Errors: `CODEC_MISSING` when ZSTD is asked for and not loaded. */
export function encodeIpcStream(schema: Schema, batches: readonly Batch[], options: IpcWriteOptions = {}): Uint8Array {
  const messages = [schemaMessage(schema)];
  const written: WrittenWords = new Map();
  for (const batch of batches) {
    const { dictionaries, record } = batchMessages(batch, options.compression ?? null, written);
    messages.push(...dictionaries, record);
  }
  return layOutMessages(messages);
}

/** What a stream holds. */
export interface IpcStream {
  readonly schema: Schema;
  readonly batches: readonly Batch[];
}

/**
 * The batches of an Arrow IPC stream, without copying: they keep `bytes` alive and must not see it change. Compressed
 * buffers are decompressed into new memory.
 *
 * Everything is checked: lengths, offsets, dictionary codes, UTF-8, checksums.
 * Errors: `IPC_MALFORMED`, `IPC_TOO_LARGE`, `ARROW_UNSUPPORTED`, `CODEC_MISSING`.
 */
export function decodeIpcStream(bytes: Uint8Array, options?: IpcReadOptions): IpcStream {
  const reader = new StreamReader(bytes, undefined, options);
  const { schema } = reader.stored;
  const batches: Batch[] = [];
  for (let batch = reader.next(schema); batch !== null; batch = reader.next(schema)) batches.push(batch);
  return { schema, batches };
}

/** Reads a stream message by message; `knownAs` saves reading the schema again when its bytes are the expected ones. */
export class StreamReader {
  readonly stored: StoredSchema;
  private readonly bytes: Uint8Array;
  private readonly decoder: MessageDecoder;
  private position: number;

  constructor(
    source: Uint8Array,
    known?: { readonly metadata: Uint8Array; readonly stored: StoredSchema },
    options?: IpcReadOptions,
  ) {
    const bytes = plainBytes(source);
    const first = readMessage(bytes, 0);
    if (first === null || first.kind !== HEADER.schema) throw malformed('the stream does not start with a schema');
    this.bytes = bytes;
    this.position = first.end;
    this.stored =
      known !== undefined && sameBytes(first.metadata, known.metadata) ? known.stored : readSchema(first.header);
    this.decoder = new MessageDecoder(this.stored, new ReadBudget(bytes.length, options));
  }

  /** The next batch under the given schema, which must equal the stream's; null at the end. */
  next<S extends Schema>(schema: S): Batch<S['fields']> | null {
    for (;;) {
      const message = readMessage(this.bytes, this.position);
      if (message === null) return null;
      this.position = message.end;
      if (message.kind === HEADER.recordBatch) return this.decoder.batch(message, schema);
      if (message.kind !== HEADER.dictionaryBatch) throw malformed('a message is neither a batch nor a dictionary');
      this.decoder.dictionary(message);
    }
  }
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
