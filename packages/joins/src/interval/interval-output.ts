import {
  type Batch,
  type Column,
  createBatch,
  type DataType,
  defineSchema,
  emptyBatch,
  makeColumn,
  type Schema,
  timestamp,
} from '@sabot/columnar';
import { joinsErrors } from '../errors.js';
import { gather, type OutputPlan } from '../output/output-plan.js';

/** What an interval join puts out: both sides' columns, then the time of the pair. */
export interface IntervalOutput {
  readonly schema: Schema;
  readonly schemas: readonly [left: Schema, right: Schema];
  readonly columns: OutputPlan;
}

/** Output rows as pairs of rows of two batches; −1 is a missing one, and a missing batch has no rows. */
export interface MatchedRows {
  readonly left: Batch | undefined;
  readonly right: Batch | undefined;
  readonly leftRows: Int32Array;
  readonly rightRows: Int32Array;
  /** Epoch milliseconds of each output row. */
  readonly times: readonly number[];
  readonly count: number;
}

/** Errors: `COLUMN_COLLISION` when a column has the name of the time column. */
export function intervalOutput(
  schemas: readonly [left: Schema, right: Schema],
  columns: OutputPlan,
  timeColumn: string,
): IntervalOutput {
  if (Object.hasOwn(columns.schema.fields, timeColumn)) {
    throw joinsErrors.error('COLUMN_COLLISION', {
      what: `cannot put out the time of each pair as "${timeColumn}"`,
      why: 'another column of the output has that name',
      remedy: 'Give another `timeColumn`, `prefix` or `suffix`.',
    });
  }
  const fields: Record<string, DataType> = { ...columns.schema.fields, [timeColumn]: timestamp('ms') };
  return { schema: defineSchema(fields, columns.schema.metadata), schemas, columns };
}

/** The output rows as one batch. */
export function joinedBatch(output: IntervalOutput, rows: MatchedRows): Batch {
  const { columns, schemas } = output;
  const left = rows.left ?? emptyBatch(schemas[0]);
  const right = rows.right ?? emptyBatch(schemas[1]);
  const all = left.columns.map((_, position) => position);
  return createBatch(
    output.schema,
    [
      ...gather(left.columns, all, columns.leftTypes, rows.leftRows, rows.count),
      ...gather(right.columns, columns.rightColumns, columns.rightTypes, rows.rightRows, rows.count),
      timeColumn(rows.times),
    ],
    rows.count,
  );
}

/** Milliseconds as (low, high) pairs of 32-bit words. */
function timeColumn(times: readonly number[]): Column {
  const values = new Int32Array(times.length * 2);
  times.forEach((timeMs, row) => {
    values[row * 2] = timeMs % 0x1_0000_0000;
    values[row * 2 + 1] = Math.floor(timeMs / 0x1_0000_0000);
  });
  return makeColumn(timestamp('ms'), times.length, { values });
}
