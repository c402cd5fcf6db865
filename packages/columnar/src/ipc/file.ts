import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import type { Column } from '../batch/column.js';
import { sliceColumn } from '../batch/make-column.js';
import { errors } from '../errors.js';
import { concatColumns } from '../kernels/concat.js';
import type { DataType } from '../schema/data-type.js';
import { fieldType } from '../schema/define-schema.js';
import type { Schema } from '../schema/schema.js';
import { FlatTable } from './flat-reader.js';
import { FlatWriter } from './flat-writer.js';
import { HEADER, VERSION } from './format.js';
import { malformed } from './malformed.js';
import { MessageDecoder } from './message-decoder.js';
import { layOutMessages, type MessagePlace, placesOf } from './message-layout.js';
import { type IncomingMessage, plainBytes, readMessage } from './message-reader.js';
import { type IpcReadOptions, ReadBudget } from './read-budget.js';
import { batchMessages, type OutgoingMessage, type WrittenWords } from './record-writer.js';
import { readSchema } from './schema-reader.js';
import { writeSchemaTable } from './schema-writer.js';
import { type IpcStream, type IpcWriteOptions, schemaMessage } from './stream.js';

const MAGIC = new TextEncoder().encode('ARROW1');
const HEAD = Uint8Array.of(...MAGIC, 0, 0);
const TAIL_BYTES = 4 + MAGIC.length;

/**
 * An Arrow IPC file (also called Feather 2) of batches of one schema: a stream with an index, so that any batch can be
 * read by itself. Batches with different dictionaries in one column get one that holds the words of all, as the format
 * demands.
 *
 * Errors: `CODEC_MISSING` when ZSTD is asked for and not loaded.
 */
export function encodeIpcFile(schema: Schema, batches: readonly Batch[], options: IpcWriteOptions = {}): Uint8Array {
  const dictionaries: OutgoingMessage[] = [];
  const records: OutgoingMessage[] = [];
  const written: WrittenWords = new Map();
  for (const batch of withOneDictionary(schema, batches)) {
    const messages = batchMessages(batch, options.compression ?? null, written);
    dictionaries.push(...messages.dictionaries);
    records.push(messages.record);
  }
  const all = [schemaMessage(schema), ...dictionaries, ...records];
  const places = placesOf(all, HEAD.length);
  const first = 1 + dictionaries.length;
  return layOutMessages(all, HEAD, writeFooter(schema, places.slice(1, first), places.slice(first)));
}

/** Batches whose columns share one dictionary per column. */
function withOneDictionary(schema: Schema, batches: readonly Batch[]): readonly Batch[] {
  const columns = schema.names.map((name, i) => {
    const parts = batches.map((batch) => batch.columns[i] as Column);
    return sharesWords(parts) ? parts : rejoined(fieldType(schema, name), parts);
  });
  return batches.map((batch, b) =>
    trustedBatch(
      schema,
      batch.numRows,
      columns.map((parts) => parts[b] as Column),
    ),
  );
}

function sharesWords(parts: readonly Column[]): boolean {
  const first = parts[0];
  if (first === undefined) return true;
  if (first.type.kind === 'dictionary') return parts.every((part) => part.children[0] === first.children[0]);
  return first.children.every((_, child) => sharesWords(parts.map((part) => part.children[child] as Column)));
}

function rejoined(type: DataType, parts: readonly Column[]): Column[] {
  const whole = concatColumns(type, parts);
  let start = 0;
  return parts.map((part) => {
    const slice = sliceColumn(whole, start, start + part.length);
    start += part.length;
    return slice;
  });
}

function writeFooter(
  schema: Schema,
  dictionaries: readonly MessagePlace[],
  records: readonly MessagePlace[],
): Uint8Array {
  const writer = new FlatWriter();
  const recordBlocks = writeBlocks(writer, records);
  const dictionaryBlocks = writeBlocks(writer, dictionaries);
  const schemaTable = writeSchemaTable(writer, schema);
  writer.beginTable();
  writer.fieldReference(3, recordBlocks);
  writer.fieldReference(2, dictionaryBlocks);
  writer.fieldReference(1, schemaTable);
  writer.fieldInt16(0, VERSION);
  const footer = writer.finish(writer.endTable());
  const bytes = new Uint8Array(footer.length + TAIL_BYTES);
  bytes.set(footer);
  new DataView(bytes.buffer).setInt32(footer.length, footer.length, true);
  bytes.set(MAGIC, footer.length + 4);
  return bytes;
}

/** A Block is a 64-bit offset, a 32-bit length padded to 64, and a 64-bit length. */
function writeBlocks(writer: FlatWriter, places: readonly MessagePlace[]): number {
  const numbers = places.flatMap(({ offset, metadataLength, bodyLength }) => [offset, metadataLength, bodyLength]);
  return writer.longStructs(numbers, 3);
}

/** An Arrow IPC file whose batches are read one by one, when they are asked for. */
export interface IpcFile {
  readonly schema: Schema;
  readonly numBatches: number;
  /** Batch `index` from 0, without copying. Errors as `openIpcFile`. */
  batch(index: number): Batch;
}

/**
 * Opens an Arrow IPC file in memory: reads its index and its dictionaries.
 *
 * Errors: `IPC_MALFORMED`, `IPC_TOO_LARGE`, `ARROW_UNSUPPORTED`, `CODEC_MISSING`.
 */
export function openIpcFile(bytes: Uint8Array, options?: IpcReadOptions): IpcFile {
  return new FileReader(bytes, options);
}

/** All batches of an Arrow IPC file, without copying: they keep `bytes` alive. Errors as `openIpcFile`. */
export function decodeIpcFile(bytes: Uint8Array, options?: IpcReadOptions): IpcStream {
  const file = openIpcFile(bytes, options);
  return { schema: file.schema, batches: Array.from({ length: file.numBatches }, (_, i) => file.batch(i)) };
}

class FileReader implements IpcFile {
  readonly schema: Schema;
  private readonly bytes: Uint8Array;
  private readonly footerAt: number;
  private readonly records: readonly (readonly number[])[];
  private readonly decoder: MessageDecoder;

  constructor(source: Uint8Array, options?: IpcReadOptions) {
    const bytes = plainBytes(source);
    this.bytes = bytes;
    this.footerAt = footerPosition(bytes);
    const footer = FlatTable.root(bytes.subarray(this.footerAt, bytes.length - TAIL_BYTES));
    const table = footer.table(1);
    if (table === null) throw malformed('the file has no schema');
    const stored = readSchema(table);
    this.schema = stored.schema;
    this.decoder = new MessageDecoder(stored, new ReadBudget(bytes.length, options));
    for (const block of footer.longs(2, 24, [0])) this.decoder.dictionary(this.message(block, HEADER.dictionaryBatch));
    this.records = footer.longs(3, 24, [0]);
  }

  get numBatches(): number {
    return this.records.length;
  }

  batch(index: number): Batch {
    const block = this.records[index];
    if (block === undefined) {
      throw errors.error('KERNEL_ARGUMENT_INVALID', {
        what: `cannot read batch ${index} of an Arrow IPC file`,
        why: `it has ${this.numBatches}`,
      });
    }
    return this.decoder.batch(this.message(block, HEADER.recordBatch), this.schema);
  }

  // A message knows its own lengths; those of the index are not needed.
  private message([offset]: readonly number[], kind: number): IncomingMessage {
    const at = offset as number;
    if (at < MAGIC.length || at >= this.footerAt) throw malformed('the index of the file points outside of it', { at });
    const message = readMessage(this.bytes.subarray(0, this.footerAt), at);
    if (message === null || message.kind !== kind) throw malformed('the index of the file points at another message');
    return message;
  }
}

function footerPosition(bytes: Uint8Array): number {
  const starts = MAGIC.every((byte, i) => bytes[i] === byte);
  const ends = MAGIC.every((byte, i) => bytes[bytes.length - MAGIC.length + i] === byte);
  if (!starts || !ends || bytes.length < HEAD.length + TAIL_BYTES)
    throw malformed('the bytes are not an Arrow IPC file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const position = bytes.length - TAIL_BYTES - view.getInt32(bytes.length - TAIL_BYTES, true);
  if (position < HEAD.length || position >= bytes.length - TAIL_BYTES) throw malformed('the file has no footer');
  return position;
}
