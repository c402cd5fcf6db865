/** The rows of one side of a window join, by the pane that their time lies in. */
import { type Batch, batchBytes, emptyBatch, type Schema } from '@sabot/columnar';
import { concatBatches, takeBatch } from '@sabot/columnar/kernels';

/** Windows `[offset + i · slide, … + size)` cut into panes: the longest stretches of time that no boundary divides. */
export interface Panes {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  readonly paneMs: number;
}

/** Rows by pane, in order of arrival within a pane. */
export class PaneRows {
  /** Rows held. */
  rows = 0;
  bytes = 0;
  private readonly schema: Schema;
  private readonly panes: Panes;
  private readonly batches = new Map<number, Batch[]>();

  constructor(schema: Schema, panes: Panes) {
    this.schema = schema;
    this.panes = panes;
  }

  /** Adds these rows of a batch (null: all), whose times are epoch milliseconds by row. */
  add(batch: Batch, timesMs: Float64Array, selection: Int32Array | null): void {
    const rowsOfPane = this.divide(timesMs, selection, batch.numRows);
    for (const [startMs, rows] of rowsOfPane) {
      const taken = rows.length === batch.numRows ? batch : takeBatch(batch, Int32Array.from(rows));
      const known = this.batches.get(startMs);
      if (known === undefined) this.batches.set(startMs, [taken]);
      else known.push(taken);
      this.rows += taken.numRows;
      this.bytes += batchBytes(taken);
    }
  }

  /** All rows of the window that starts there. */
  of(windowStartMs: number): Batch {
    const found: Batch[] = [];
    const endMs = windowStartMs + this.panes.sizeMs;
    for (let paneMs = windowStartMs; paneMs < endMs; paneMs += this.panes.paneMs) {
      const batches = this.batches.get(paneMs);
      if (batches !== undefined) found.push(...batches);
    }
    if (found.length === 1) return found[0] as Batch;
    return found.length === 0 ? emptyBatch(this.schema) : concatBatches(this.schema, found);
  }

  /** Lets go of the panes that start before this time. */
  dropBefore(timeMs: number): void {
    for (const [startMs, batches] of this.batches) {
      if (startMs >= timeMs) continue;
      this.batches.delete(startMs);
      for (const batch of batches) {
        this.rows -= batch.numRows;
        this.bytes -= batchBytes(batch);
      }
    }
  }

  /** The starts of the panes with rows. */
  starts(): Iterable<number> {
    return this.batches.keys();
  }

  /** Every row that is held. */
  all(): Batch {
    return concatBatches(this.schema, [...this.batches.values()].flat());
  }

  clear(): void {
    this.batches.clear();
    this.rows = 0;
    this.bytes = 0;
  }

  /** Rows of neighbouring times come together: the map is asked once per stretch. */
  private divide(timesMs: Float64Array, selection: Int32Array | null, numRows: number): ReadonlyMap<number, number[]> {
    const { paneMs, offsetMs } = this.panes;
    const rowsOfPane = new Map<number, number[]>();
    let current: number[] = [];
    let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const count = selection?.length ?? numRows;
    for (let i = 0; i < count; i++) {
      const row = selection === null ? i : (selection[i] as number);
      const timeMs = timesMs[row] as number;
      if (timeMs < fromMs || timeMs >= toMs) {
        fromMs = Math.floor((timeMs - offsetMs) / paneMs) * paneMs + offsetMs;
        toMs = fromMs + paneMs;
        current = rowsOfPane.get(fromMs) ?? [];
        rowsOfPane.set(fromMs, current);
      }
      current.push(row);
    }
    return rowsOfPane;
  }
}
