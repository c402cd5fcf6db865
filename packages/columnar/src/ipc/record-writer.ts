import type { Batch } from '../batch/batch.js';
import { copyBits } from '../batch/bits.js';
import type { Column } from '../batch/column.js';
import { sliceColumn } from '../batch/make-column.js';
import { layoutOf } from '../schema/layout.js';
import { codecNumber, compressBuffer, type IpcCompression } from './compression/body-compression.js';
import { FlatWriter } from './flat-writer.js';
import { HEADER, padded } from './format.js';
import { finishMessage } from './schema-writer.js';

/** One message before it is laid out: metadata, and the buffers of its body in order. */
export interface OutgoingMessage {
  readonly metadata: Uint8Array;
  readonly buffers: readonly Uint8Array[];
  readonly bodyLength: number;
}

const NONE = new Uint8Array(0);

/** Collects the field nodes and buffers of columns, depth first. */
class BodyPlan {
  readonly compression: IpcCompression | null;
  readonly nodes: number[] = [];
  readonly buffers: Uint8Array[] = [];
  readonly places: number[] = [];
  readonly dictionaries: Column[] = [];
  bodyLength = 0;

  constructor(compression: IpcCompression | null) {
    this.compression = compression;
  }

  addColumn(column: Column): void {
    const { length, nullCount, validity, bitOffset } = column;
    this.nodes.push(length, nullCount);
    this.addBuffer(
      validity === null
        ? NONE
        : bitOffset === 0
          ? validity.subarray(0, (length + 7) >> 3)
          : copyBits(validity, bitOffset, length),
    );
    this.addValues(column);
  }

  private addValues(column: Column): void {
    const { length } = column;
    const layout = layoutOf(column.type);
    switch (layout.shape) {
      case 'fixed':
        this.addBuffer(bytesOf(column.values.subarray(0, length * layout.width)));
        break;
      case 'bits':
        this.addBuffer(copyBits(column.values as Uint8Array, column.bitOffset, length));
        break;
      case 'codes':
        this.dictionaries.push(column.children[0] as Column);
        this.addBuffer(bytesOf(column.values.subarray(0, length)));
        break;
      case 'bytes': {
        const { offsets, first, last } = this.rebased(column);
        this.addBuffer(bytesOf(offsets));
        this.addBuffer((column.values as Uint8Array).subarray(first, last));
        break;
      }
      case 'list': {
        const { offsets, first, last } = this.rebased(column);
        this.addBuffer(bytesOf(offsets));
        this.addColumn(sliceColumn(column.children[0] as Column, first, last));
        break;
      }
      case 'struct':
        for (const child of column.children) this.addColumn(child);
        break;
    }
  }

  private rebased(column: Column): { offsets: Int32Array; first: number; last: number } {
    const offsets = (column.offsets as Int32Array).subarray(0, column.length + 1);
    const first = offsets[0] as number;
    const last = offsets[column.length] as number;
    return { offsets: first === 0 ? offsets : offsets.map((offset) => offset - first), first, last };
  }

  private addBuffer(plain: Uint8Array): void {
    const buffer = this.compression === null ? plain : compressBuffer(plain, this.compression);
    this.buffers.push(buffer);
    this.places.push(this.bodyLength, buffer.length);
    this.bodyLength += padded(buffer.length);
  }
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** The words that a stream or file has been given so far, by dictionary number. */
export type WrittenWords = Map<number, Column>;

/** The messages of one batch: its dictionaries, as far as they are new, then its rows. */
export function batchMessages(
  batch: Batch,
  compression: IpcCompression | null,
  written: WrittenWords,
): { readonly dictionaries: readonly OutgoingMessage[]; readonly record: OutgoingMessage } {
  const plan = new BodyPlan(compression);
  for (const column of batch.columns) plan.addColumn(column);
  const dictionaries: OutgoingMessage[] = [];
  plan.dictionaries.forEach((words, id) => {
    if (written.get(id) === words) return;
    written.set(id, words);
    dictionaries.push(dictionaryMessage(words, id, compression));
  });
  const writer = new FlatWriter();
  const record = writeRecordBatch(writer, batch.numRows, plan);
  return { dictionaries, record: outgoing(plan, finishMessage(writer, HEADER.recordBatch, record, plan.bodyLength)) };
}

function dictionaryMessage(words: Column, id: number, compression: IpcCompression | null): OutgoingMessage {
  const plan = new BodyPlan(compression);
  plan.addColumn(words);
  const writer = new FlatWriter();
  const record = writeRecordBatch(writer, words.length, plan);
  writer.beginTable();
  writer.fieldInt64(0, id);
  writer.fieldReference(1, record);
  const header = writer.endTable();
  return outgoing(plan, finishMessage(writer, HEADER.dictionaryBatch, header, plan.bodyLength));
}

function outgoing(plan: BodyPlan, metadata: Uint8Array): OutgoingMessage {
  return { metadata, buffers: plan.buffers, bodyLength: plan.bodyLength };
}

function writeRecordBatch(writer: FlatWriter, numRows: number, plan: BodyPlan): number {
  const buffers = writer.longStructs(plan.places, 2);
  const nodes = writer.longStructs(plan.nodes, 2);
  const compression = plan.compression === null ? 0 : writeCompression(writer, plan.compression);
  writer.beginTable();
  writer.fieldInt64(0, numRows);
  writer.fieldReference(2, buffers);
  writer.fieldReference(1, nodes);
  if (compression !== 0) writer.fieldReference(3, compression);
  return writer.endTable();
}

function writeCompression(writer: FlatWriter, compression: IpcCompression): number {
  writer.beginTable();
  writer.fieldInt8(0, codecNumber(compression));
  writer.fieldInt8(1, 0);
  return writer.endTable();
}
