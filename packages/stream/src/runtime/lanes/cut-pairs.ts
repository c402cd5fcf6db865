import type { Batch } from '@sabot/columnar';
import { selectColumns } from '@sabot/columnar';
import {
  CHANGE_COLUMN,
  changelogBatch,
  changesOf,
  DELETE,
  INSERT,
  UPDATE_AFTER,
  UPDATE_BEFORE,
} from '../../changelog/change-kind.js';

/**
 * A changelog whose updates are cut where their two rows go to different lanes: each lane sees a row go or come, as it
 * is for the key that it holds. Any other batch as it is.
 */
export function cutPairs(batch: Batch, laneOfRow: Uint16Array): Batch {
  const changes = changesOf(batch);
  if (changes === undefined) return batch;
  let cut: Int8Array | undefined;
  for (let row = 0; row + 1 < batch.numRows; row++) {
    if (changes[row] !== UPDATE_BEFORE || changes[row + 1] !== UPDATE_AFTER) continue;
    if (laneOfRow[row] === laneOfRow[row + 1]) continue;
    cut ??= changes.slice(0, batch.numRows);
    cut[row] = DELETE;
    cut[row + 1] = INSERT;
  }
  if (cut === undefined) return batch;
  const columns = batch.schema.names.filter((name) => name !== CHANGE_COLUMN);
  return changelogBatch(batch.schema, selectColumns(batch, columns), cut);
}
