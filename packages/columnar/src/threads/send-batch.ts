import { threadId } from 'node:worker_threads';
import type { Batch } from '../batch/batch.js';
import type { Column } from '../batch/column.js';
import { sliceColumn } from '../batch/make-column.js';
import { layoutOf } from '../schema/layout.js';
import { type BatchParcel, type ParcelBlock, type SharedWords, schemaSignature } from './parcel.js';

/** Every buffer starts at a multiple of this, so that any typed array may view it. */
const ALIGNMENT = 8;
const NOTHING = -1;

type Memory = ArrayBuffer | SharedArrayBuffer;

/**
 * The batch in shared memory: sender and receivers read the same bytes, and the batch stays usable.
 *
 * The rows in view are copied once, unless the batch came out of shared memory already. The words of a dictionary are
 * shared once, however many batches use them.
 *
 * @example
 * worker.postMessage(shareBatch(batch));
 */
export function shareBatch(batch: Batch): BatchParcel {
  const dictionaries: SharedWords[] = [];
  const useWords = (words: Column): number => dictionaries.push(sharedWords(words)) - 1;
  return parcelOf(batch, sharedBlock(batch.columns, useWords), dictionaries);
}

/**
 * The batch in one block of memory that can be moved: `postMessage(parcel, transferList(parcel))`.
 *
 * The rows in view are copied once, dictionaries included, so that the batch stays usable; the parcel does not once it
 * was sent.
 */
export function transferBatch(batch: Batch): BatchParcel {
  const plan = new BlockPlan(null);
  for (const column of batch.columns) plan.add(column);
  return parcelOf(batch, plan.copy(new ArrayBuffer(plan.size)), []);
}

/** What to give `postMessage` as its transfer list; empty for shared parcels. */
export function transferList(parcel: BatchParcel): ArrayBuffer[] {
  return parcel.memory instanceof ArrayBuffer ? [parcel.memory] : [];
}

function parcelOf(batch: Batch, block: ParcelBlock, dictionaries: readonly SharedWords[]): BatchParcel {
  const { memory, layout } = block;
  const schema = schemaSignature(batch.schema);
  return { schema, numRows: batch.numRows, bytes: memory.byteLength, memory, layout, dictionaries };
}

const sharedBefore = new WeakMap<Column, SharedWords>();
let sharedCount = 0;

function sharedWords(words: Column): SharedWords {
  let known = sharedBefore.get(words);
  if (known === undefined) {
    known = { id: `${process.pid}.${threadId}.${sharedCount++}`, ...sharedBlock([words], null) };
    sharedBefore.set(words, known);
  }
  return known;
}

function sharedBlock(columns: readonly Column[], useWords: ((words: Column) => number) | null): ParcelBlock {
  const plan = new BlockPlan(useWords);
  for (const column of columns) plan.add(column);
  const home = plan.sharedHome();
  return home === null ? plan.copy(new SharedArrayBuffer(plan.size)) : plan.asItLies(home);
}

/**
 * Lists the buffers of columns depth first, and copies them into one block. Per column the layout holds: length,
 * bit offset, then (position, length in bytes) of validity, offsets and values, then the number of children or, with
 * the words elsewhere, −1 − the dictionary's number.
 */
class BlockPlan {
  size = 0;
  private readonly layout: number[] = [];
  private readonly buffers: Uint8Array[] = [];
  private readonly useWords: ((words: Column) => number) | null;

  constructor(useWords: ((words: Column) => number) | null) {
    this.useWords = useWords;
  }

  add(column: Column): void {
    const { length, bitOffset, validity, children } = column;
    const { values, offsets, items } = tightened(column);
    this.layout.push(length, bitOffset);
    this.addBuffer(validity?.subarray(0, (bitOffset + length + 7) >> 3) ?? null);
    this.addBuffer(offsets);
    this.addBuffer(values);
    if (column.type.kind === 'dictionary' && this.useWords !== null) {
      this.layout.push(-1 - this.useWords(children[0] as Column));
      return;
    }
    this.layout.push(items.length);
    for (const child of items) this.add(child);
  }

  /** The block that all buffers lie in already, if it is shared. */
  sharedHome(): SharedArrayBuffer | null {
    const home = this.buffers[0]?.buffer;
    const shared = home instanceof SharedArrayBuffer && this.buffers.every((buffer) => buffer.buffer === home);
    return shared ? home : null;
  }

  asItLies(home: SharedArrayBuffer): ParcelBlock {
    return this.placed(home, (buffer) => buffer.byteOffset);
  }

  copy(memory: Memory): ParcelBlock {
    const bytes = new Uint8Array(memory);
    let at = 0;
    return this.placed(memory, (buffer) => {
      const position = at;
      bytes.set(buffer, position);
      at += aligned(buffer.length);
      return position;
    });
  }

  /** Replaces the numbers of buffers in the layout by positions. */
  private placed(memory: Memory, positionOf: (buffer: Uint8Array) => number): ParcelBlock {
    const layout = Float64Array.from(this.layout);
    const positions = this.buffers.map(positionOf);
    for (let at = 0; at < layout.length; at += COLUMN_NUMBERS) {
      for (const field of [2, 4, 6]) {
        const buffer = layout[at + field] as number;
        if (buffer !== NOTHING) layout[at + field] = positions[buffer] as number;
      }
    }
    return { memory, layout };
  }

  private addBuffer(view: ArrayBufferView | null): void {
    if (view === null || view.byteLength === 0) {
      this.layout.push(NOTHING, 0);
      return;
    }
    const buffer = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
    this.layout.push(this.buffers.push(buffer) - 1, buffer.length);
    this.size += aligned(buffer.length);
  }
}

/** Numbers per column in a layout. */
export const COLUMN_NUMBERS = 9;

function aligned(length: number): number {
  return (length + ALIGNMENT - 1) & -ALIGNMENT;
}

interface Tight {
  readonly values: ArrayBufferView;
  readonly offsets: Int32Array | null;
  readonly items: readonly Column[];
}

/** The buffers of exactly the rows in view. */
function tightened(column: Column): Tight {
  const { type, length, values, bitOffset, children } = column;
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed':
      return { values: values.subarray(0, length * layout.width), offsets: null, items: [] };
    case 'bits': {
      const bytes = (values as Uint8Array).subarray(0, (bitOffset + length + 7) >> 3);
      return { values: bytes, offsets: null, items: [] };
    }
    case 'codes':
      return { values: values.subarray(0, length), offsets: null, items: children };
    case 'struct':
      return { values: values.subarray(0, 0), offsets: null, items: children };
    case 'bytes': {
      const { offsets, first, last } = rebased(column);
      return { values: (values as Uint8Array).subarray(first, last), offsets, items: [] };
    }
    case 'list': {
      const { offsets, first, last } = rebased(column);
      const items = [sliceColumn(children[0] as Column, first, last)];
      return { values: values.subarray(0, 0), offsets, items };
    }
  }
}

function rebased(column: Column): { offsets: Int32Array; first: number; last: number } {
  const offsets = (column.offsets as Int32Array).subarray(0, column.length + 1);
  const first = offsets[0] as number;
  return {
    offsets: first === 0 ? offsets : offsets.map((offset) => offset - first),
    first,
    last: offsets[column.length] as number,
  };
}
