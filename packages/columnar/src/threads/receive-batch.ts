import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import type { Column, ColumnValues } from '../batch/column.js';
import { makeColumn } from '../batch/make-column.js';
import { errors } from '../errors.js';
import type { DataType } from '../schema/data-type.js';
import { fieldType } from '../schema/define-schema.js';
import { layoutOf } from '../schema/layout.js';
import type { Fields, Schema } from '../schema/schema.js';
import { utf8 } from '../schema/types.js';
import { type BatchParcel, type ParcelBlock, type SharedWords, schemaSignature } from './parcel.js';

/**
 * The batch in a parcel, without copying; shared memory must not change while the batch lives.
 *
 * Batches whose sender shared one dictionary have one dictionary here too, so that hashes of its words are made once.
 * Errors: `SCHEMA_MISMATCH` when the parcel holds other columns.
 */
export function receiveBatch<F extends Fields>(schema: Schema<F>, parcel: BatchParcel): Batch<F> {
  const expected = schemaSignature(schema);
  if (parcel.schema !== expected) {
    throw errors.error('SCHEMA_MISMATCH', {
      what: `cannot receive a batch of (${parcel.schema})`,
      why: `(${expected}) is expected`,
    });
  }
  const reader = new BlockReader(parcel, parcel.dictionaries.map(receivedWords));
  const columns = schema.names.map((name) => reader.column(fieldType(schema, name)));
  return trustedBatch(schema, parcel.numRows, columns);
}

/** Dictionaries received before, as long as some batch uses them. */
const received = new Map<string, WeakRef<Column>>();
const forgotten = new FinalizationRegistry((id: string) => {
  if (received.get(id)?.deref() === undefined) received.delete(id);
});

function receivedWords(shared: SharedWords): Column {
  let words = received.get(shared.id)?.deref();
  if (words === undefined) {
    words = new BlockReader(shared, []).column(utf8());
    received.set(shared.id, new WeakRef(words));
    forgotten.register(words, shared.id);
  }
  return words;
}

/** Reads what `BlockPlan` laid out. */
class BlockReader {
  private readonly block: ParcelBlock;
  private readonly words: readonly Column[];
  private at = 0;

  constructor(block: ParcelBlock, words: readonly Column[]) {
    this.block = block;
    this.words = words;
  }

  column(type: DataType): Column {
    const length = this.number();
    const bitOffset = this.number();
    const validity = this.buffer(Uint8Array) as Uint8Array | null;
    const offsets = this.buffer(Int32Array) as Int32Array | null;
    const layout = layoutOf(type);
    const array = layout.shape === 'fixed' ? layout.array : layout.shape === 'codes' ? Int32Array : Uint8Array;
    const values = this.buffer(array) ?? new array(new ArrayBuffer(0), 0, 0);
    const children = this.children(type, this.number());
    return makeColumn(type, length, { values, offsets, validity, bitOffset, children });
  }

  private children(type: DataType, count: number): Column[] {
    if (count < 0) return [this.words[-1 - count] as Column];
    if (type.kind === 'list') return [this.column(type.item)];
    if (type.kind === 'struct') return Object.values(type.fields).map((field) => this.column(field));
    return type.kind === 'dictionary' ? [this.column(utf8())] : [];
  }

  private buffer(array: {
    new (memory: ArrayBuffer, at: number, length: number): ColumnValues;
    BYTES_PER_ELEMENT: number;
  }): ColumnValues | null {
    const position = this.number();
    const bytes = this.number();
    if (position < 0) return null;
    // Shared memory is read like any other; the constructor's type does not say so.
    return new array(this.block.memory as ArrayBuffer, position, bytes / array.BYTES_PER_ELEMENT);
  }

  private number(): number {
    return this.block.layout[this.at++] as number;
  }
}
