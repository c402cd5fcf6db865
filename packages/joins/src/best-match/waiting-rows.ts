/** Rows in order of arrival that wait until the watermark has reached their time. */
import { type Batch, batchBytes, type Schema } from '@sabot/columnar';
import { concatBatches, takeBatch } from '@sabot/columnar/kernels';
import { readTimesMs } from '@sabot/stream';

export class WaitingRows {
  rows = 0;
  bytes = 0;
  private readonly timeColumn: string;
  private batches: Batch[] = [];

  constructor(timeColumn: string) {
    this.timeColumn = timeColumn;
  }

  add(batch: Batch): void {
    if (batch.numRows === 0) return;
    this.batches.push(batch);
    this.rows += batch.numRows;
    this.bytes += batchBytes(batch);
  }

  /** Takes out the rows with a time up to this one. */
  takeUntil(timeMs: number): readonly Batch[] {
    const taken: Batch[] = [];
    const waiting = this.batches;
    this.clear();
    for (const batch of waiting) {
      const times = readTimesMs(batch, this.timeColumn);
      const due = new Int32Array(batch.numRows);
      const rest = new Int32Array(batch.numRows);
      let dueCount = 0;
      let restCount = 0;
      for (let row = 0; row < batch.numRows; row++) {
        if ((times[row] as number) <= timeMs) due[dueCount++] = row;
        else rest[restCount++] = row;
      }
      if (restCount === 0) taken.push(batch);
      else if (dueCount > 0) taken.push(takeBatch(batch, due.subarray(0, dueCount)));
      if (restCount > 0) this.add(dueCount === 0 ? batch : takeBatch(batch, rest.subarray(0, restCount)));
    }
    return taken;
  }

  all(schema: Schema): Batch {
    return concatBatches(schema, this.batches);
  }

  clear(): void {
    this.batches = [];
    this.rows = 0;
    this.bytes = 0;
  }
}
