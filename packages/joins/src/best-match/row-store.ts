/** Rows kept as the batches they came in, numbered in order of arrival. */
import { type Batch, batchBytes, emptyBatch, type Schema } from '@sabot/columnar';
import { concatBatches, takeBatch } from '@sabot/columnar/kernels';

export class RowStore {
  size = 0;
  bytes = 0;
  private readonly schema: Schema;
  private batches: Batch[] = [];
  private segments: Int32Array = new Int32Array(256);
  private rows: Int32Array = new Int32Array(256);

  constructor(schema: Schema) {
    this.schema = schema;
  }

  /** Adds every row of a batch; the number of the first. */
  append(batch: Batch): number {
    const first = this.size;
    this.reserve(first + batch.numRows);
    this.segments.fill(this.batches.length, first, first + batch.numRows);
    for (let row = 0; row < batch.numRows; row++) this.rows[first + row] = row;
    this.size += batch.numRows;
    this.bytes += batchBytes(batch) + 8 * batch.numRows;
    this.batches.push(batch);
    return first;
  }

  /** The rows of these numbers, in this order: taken batch by batch, then put in place. */
  gather(numbers: Int32Array): Batch {
    if (numbers.length === 0) return emptyBatch(this.schema);
    const ofSegment = new Map<number, number[]>();
    for (let i = 0; i < numbers.length; i++) {
      const segment = this.segments[numbers[i] as number] as number;
      const known = ofSegment.get(segment);
      if (known === undefined) ofSegment.set(segment, [i]);
      else known.push(i);
    }
    const places = new Int32Array(numbers.length);
    const parts: Batch[] = [];
    let placed = 0;
    for (const [segment, wanted] of ofSegment) {
      const rows = Int32Array.from(wanted, (i) => this.rows[numbers[i] as number] as number);
      parts.push(takeBatch(this.batches[segment] as Batch, rows));
      for (const i of wanted) places[i] = placed++;
    }
    // One batch: everything is in place already.
    return parts.length === 1 ? (parts[0] as Batch) : takeBatch(concatBatches(this.schema, parts), places);
  }

  clear(): void {
    this.batches = [];
    this.size = 0;
    this.bytes = 0;
  }

  private reserve(size: number): void {
    if (size <= this.rows.length) return;
    const room = Math.max(size, 2 * this.rows.length);
    this.segments = grown(this.segments, room);
    this.rows = grown(this.rows, room);
  }
}

function grown(from: Int32Array, room: number): Int32Array {
  const into = new Int32Array(room);
  into.set(from);
  return into;
}
