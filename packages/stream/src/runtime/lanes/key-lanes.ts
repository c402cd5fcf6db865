import type { Batch } from '@sabot/columnar';
import { hashColumns, takeBatch } from '@sabot/columnar/kernels';
import { cutPairs } from './cut-pairs.js';

/** A key belongs to one of so many groups for the life of a job, a group to a lane. */
export const KEY_GROUP_BITS = 10;
export const KEY_GROUPS = 1 << KEY_GROUP_BITS;

/** The lane that holds a key group: neighbouring groups lie in one lane. */
export function laneOfGroup(group: number, lanes: number): number {
  return (group * lanes) >> KEY_GROUP_BITS;
}

/**
 * Cuts batches by the lane of their rows' keys: one pass to hash, one to number the rows of each lane, one to take them.
 * The group is the upper end of the hash: hash tables behind it use the lower.
 */
export class KeyLanes {
  private readonly columns: readonly string[];
  private readonly lanes: number;
  private hashes = new Uint32Array(0);
  private readonly counts: Int32Array;
  private rows: Int32Array[] = [];
  private laneOfRow = new Uint16Array(0);

  constructor(columns: readonly string[], lanes: number) {
    this.columns = columns;
    this.lanes = lanes;
    this.counts = new Int32Array(lanes);
  }

  /** Gives each lane its rows, in their order; a lane without any is not told. Columns of cut batches are new memory. */
  cut(batch: Batch, give: (lane: number, part: Batch) => void): void {
    const { lanes, counts } = this;
    this.number(batch);
    const whole = cutPairs(batch, this.laneOfRow);
    for (let lane = 0; lane < lanes; lane++) {
      const count = counts[lane] as number;
      if (count === batch.numRows) give(lane, whole);
      else if (count > 0) give(lane, takeBatch(whole, this.rows[lane] as Int32Array, count));
    }
  }

  private number(batch: Batch): void {
    const { lanes, counts } = this;
    const { numRows } = batch;
    this.reserve(numRows);
    const { hashes, rows, laneOfRow } = this;
    const keys = this.columns.map((name) => batch.column(name));
    hashColumns(keys, numRows, hashes);
    counts.fill(0);
    for (let row = 0; row < numRows; row++) {
      const lane = laneOfGroup((hashes[row] as number) >>> (32 - KEY_GROUP_BITS), lanes);
      laneOfRow[row] = lane;
      const count = counts[lane] as number;
      (rows[lane] as Int32Array)[count] = row;
      counts[lane] = count + 1;
    }
  }

  private reserve(numRows: number): void {
    if (this.hashes.length >= numRows) return;
    this.hashes = new Uint32Array(numRows);
    this.laneOfRow = new Uint16Array(numRows);
    this.rows = Array.from({ length: this.lanes }, () => new Int32Array(numRows));
  }
}
