import { type Batch, type BatchBuilder, createBatchBuilder, type Fields, type Schema } from '@sabot/columnar';
import { changelogBatch, withChanges } from '../../changelog/change-kind.js';

/** Gathers the changes of one batch; `rows` takes the row of each, `mark` says what it does. */
export class ChangeBuilder {
  readonly rows: BatchBuilder<Fields>;
  private readonly schema: Schema;
  private changes = new Int8Array(1024);

  /** `schema`: of the rows, without `$change`. */
  constructor(schema: Schema) {
    this.rows = createBatchBuilder<Fields>(schema);
    this.schema = withChanges(schema);
  }

  /** Says what the row that was appended last does. */
  mark(change: number): void {
    const at = this.rows.numRows - 1;
    if (at >= this.changes.length) {
      const grown = new Int8Array(this.changes.length * 2);
      grown.set(this.changes);
      this.changes = grown;
    }
    this.changes[at] = change;
  }

  /** The changes since the last call; without rows when there are none. */
  finish(): Batch {
    const batch = this.rows.finish();
    return changelogBatch(this.schema, batch, this.changes.slice(0, batch.numRows));
  }
}
