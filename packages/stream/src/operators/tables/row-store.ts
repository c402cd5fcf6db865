import {
  type Batch,
  type BatchBuilder,
  batchBytes,
  createBatchBuilder,
  type Fields,
  type Schema,
} from '@sabot/columnar';

/** Below so many rows nothing is worth moving together. */
const SMALL = 4096;

/**
 * Rows under numbers that stay theirs. Rows are not copied when they come: a slot points into the batch that brought
 * it, and when most rows of the batches held are no longer asked for, the others move together.
 */
export class RowStore {
  private readonly schema: Schema;
  private chunks: Batch[] = [];
  private heldRows = 0;
  private heldBytes = 0;
  private chunkOf: number[] = [];
  private rowOf: number[] = [];
  private readonly free: number[] = [];

  constructor(schema: Schema) {
    this.schema = schema;
  }

  /** Rows with a number. */
  get size(): number {
    return this.rowOf.length - this.free.length;
  }

  /** Bytes of memory held, rows that are no longer asked for included. */
  get bytes(): number {
    return this.size === 0 ? 0 : this.heldBytes + 16 * this.rowOf.length;
  }

  /** Makes the rows of a batch available to `put`, until `settle`. */
  open(batch: Batch): void {
    this.chunks.push(batch);
    this.heldRows += batch.numRows;
    this.heldBytes += batchBytes(batch);
  }

  /** Keeps a row of the open batch. */
  put(row: number): number {
    const slot = this.free.pop() ?? this.rowOf.length;
    this.replace(slot, row);
    return slot;
  }

  /** Keeps a row of the open batch under the number of another. */
  replace(slot: number, row: number): void {
    this.chunkOf[slot] = this.chunks.length - 1;
    this.rowOf[slot] = row;
  }

  remove(slot: number): void {
    this.chunkOf[slot] = -1;
    this.free.push(slot);
  }

  appendTo(builder: BatchBuilder<Fields>, slot: number): void {
    const row = this.rowOf[slot] as number;
    builder.appendBatch(this.chunks[this.chunkOf[slot] as number] as Batch, row, row + 1);
  }

  /** Copies of these rows, in this order. */
  gather(slots: Iterable<number>): Batch {
    const builder = createBatchBuilder<Fields>(this.schema);
    for (const slot of slots) this.appendTo(builder, slot);
    return builder.finish();
  }

  /** Said when a batch has been worked off: lets go of memory that too few rows need. */
  settle(): void {
    if (this.heldRows < SMALL || this.heldRows < 2 * this.size) return;
    const live: number[] = [];
    for (let slot = 0; slot < this.rowOf.length; slot++) if (this.chunkOf[slot] !== -1) live.push(slot);
    const moved = this.gather(live);
    this.chunks = [moved];
    this.heldRows = moved.numRows;
    this.heldBytes = batchBytes(moved);
    for (const [row, slot] of live.entries()) {
      this.chunkOf[slot] = 0;
      this.rowOf[slot] = row;
    }
  }

  clear(): void {
    this.chunks = [];
    this.heldRows = 0;
    this.heldBytes = 0;
    this.chunkOf = [];
    this.rowOf = [];
    this.free.length = 0;
  }
}
