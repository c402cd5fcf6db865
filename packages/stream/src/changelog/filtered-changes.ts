import { type Batch, createBatch, defineSchema, int32, makeColumn, type Schema } from '@sabot/columnar';
import { CHANGE_COLUMN, CHANGE_TYPE, changesOf, DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from './change-kind.js';

const ROW_TYPE = int32();

/**
 * Lets steps that drop rows work on a changelog. Which partner of an update a row had cannot be seen once rows are gone,
 * so they see the rows' numbers in the place of the changes: neighbours before are neighbours after, or one is missing.
 * An update of which only the old row stays is a deletion, one of which only the new row stays an insertion.
 */
export class FilteredChanges {
  private numbered: Schema | undefined;
  private restored: Schema | undefined;

  /** The batch with row numbers where its changes are. */
  number(batch: Batch): Batch {
    this.numbered ??= retyped(batch.schema, ROW_TYPE);
    const rows = new Int32Array(batch.numRows);
    for (let row = 0; row < rows.length; row++) rows[row] = row;
    return replaced(this.numbered, batch, makeColumn(ROW_TYPE, rows.length, { values: rows }));
  }

  /** The batch of what the steps have left, with changes again; `before` is the batch as it came. */
  restore(before: Batch, after: Batch): Batch {
    this.restored ??= retyped(after.schema, CHANGE_TYPE);
    const rows = after.column(CHANGE_COLUMN).values as Int32Array;
    const former = changesOf(before) as Int8Array;
    const changes = new Int8Array(after.numRows);
    for (let i = 0; i < changes.length; i++) {
      const row = rows[i] as number;
      changes[i] = former[row] as number;
      if (changes[i] === UPDATE_BEFORE && (i + 1 === changes.length || rows[i + 1] !== row + 1)) changes[i] = DELETE;
      else if (changes[i] === UPDATE_AFTER && (i === 0 || rows[i - 1] !== row - 1)) changes[i] = INSERT;
    }
    return replaced(this.restored, after, makeColumn(CHANGE_TYPE, changes.length, { values: changes }));
  }
}

function retyped(schema: Schema, type: typeof ROW_TYPE | typeof CHANGE_TYPE): Schema {
  return defineSchema({ ...schema.fields, [CHANGE_COLUMN]: type }, schema.metadata);
}

function replaced(schema: Schema, batch: Batch, column: Batch['columns'][number]): Batch {
  const at = batch.schema.names.indexOf(CHANGE_COLUMN);
  return createBatch(schema, batch.columns.with(at, column), batch.numRows);
}
