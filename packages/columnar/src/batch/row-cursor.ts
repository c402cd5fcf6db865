import { errors } from '../errors.js';
import { describeSchema, sameSchema } from '../schema/define-schema.js';
import type { Fields, RowOf, Schema } from '../schema/schema.js';
import type { Batch } from './batch.js';
import type { Column } from './column.js';
import { columnValue } from './column-value.js';

/** One row at a time, without an object per row: `value`'s properties read the current row when they are asked. */
export interface RowCursor<F extends Fields> {
  /** The row that `value` shows. */
  row: number;
  readonly numRows: number;
  /** Always the same object: keep what you read from it, not the object. */
  readonly value: RowOf<F>;
  /** Shows row 0 of another batch of the same schema. */
  open(batch: Batch<F>): void;
}

class ColumnsCursor<F extends Fields> implements RowCursor<F> {
  row = 0;
  numRows = 0;
  readonly value: RowOf<F>;
  private columns: readonly Column[] = [];
  private readonly schema: Schema<F>;

  constructor(schema: Schema<F>) {
    this.schema = schema;
    const view = {};
    schema.names.forEach((name, i) => {
      Object.defineProperty(view, name, {
        enumerable: true,
        get: () => columnValue(this.columns[i] as Column, this.row),
      });
    });
    // One getter per field of F was just defined.
    this.value = Object.freeze(view) as RowOf<F>;
  }

  open(batch: Batch<F>): void {
    if (batch.schema !== this.schema && !sameSchema(batch.schema, this.schema)) {
      throw errors.error('SCHEMA_MISMATCH', {
        what: `cannot read a batch of (${describeSchema(batch.schema)})`,
        why: `the cursor reads (${describeSchema(this.schema)})`,
      });
    }
    this.columns = batch.columns;
    this.numRows = batch.numRows;
    this.row = 0;
  }
}

/**
 * A cursor over the rows of batches of a schema.
 *
 * @example
 * const cursor = createRowCursor(batch.schema);
 * cursor.open(batch);
 * for (; cursor.row < cursor.numRows; cursor.row++) use(cursor.value.delay);
 */
export function createRowCursor<F extends Fields>(schema: Schema<F>): RowCursor<F> {
  return new ColumnsCursor(schema);
}
