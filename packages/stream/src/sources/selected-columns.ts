import { type Batch, selectColumns } from '@sabot/columnar';

/** The batch with only the columns that the plan asked for; all when it asked for all. */
export function selectedColumns(batch: Batch, columns: readonly string[] | undefined): Batch {
  return columns === undefined ? batch : selectColumns(batch, columns);
}
