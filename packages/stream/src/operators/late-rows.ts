import type { Batch } from '@sabot/columnar';
import { takeBatch } from '@sabot/columnar/kernels';
import type { OperatorOutput, OperatorStats } from '../ports/operator.js';

/** Window operators put results on port 0 and late input rows on this one. */
export const LATE_PORT = 1;

/**
 * Gives the late rows out, counted, and returns the positions of the others. `isLate[row]` is 1 for `late` rows of the
 * batch; asked only when there are any.
 */
export function dropLateRows(
  batch: Batch,
  isLate: Uint8Array,
  late: number,
  stats: OperatorStats,
  output: OperatorOutput,
): Int32Array {
  const kept = new Int32Array(batch.numRows - late);
  const dropped = new Int32Array(late);
  for (let row = 0, k = 0, d = 0; row < batch.numRows; row++) {
    if (isLate[row] === 1) dropped[d++] = row;
    else kept[k++] = row;
  }
  stats.lateRows += late;
  output.emit(takeBatch(batch, dropped), LATE_PORT);
  return kept;
}
