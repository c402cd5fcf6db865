import {
  type Batch,
  type Column,
  createBatch,
  defineSchema,
  makeColumn,
  type Schema,
  timestamp,
} from '@sabot/columnar';
import { joinsErrors } from '../errors.js';
import { gather, type OutputPlan } from '../output/output-plan.js';

const WORD = 2 ** 32;
const WINDOW_COLUMNS = ['windowStart', 'windowEnd', 'windowTime'];

/** The joined columns, then the bounds and the time of the window. Errors: `COLUMN_COLLISION`. */
export function windowedSchema({ schema }: OutputPlan, prefix: string): Schema {
  const names = WINDOW_COLUMNS.map((name) => prefix + name);
  const taken = names.find((name) => Object.hasOwn(schema.fields, name));
  if (taken !== undefined) {
    throw joinsErrors.error('COLUMN_COLLISION', {
      what: `cannot put out a bound of each window as "${taken}"`,
      why: 'another column of the output has that name',
      remedy: 'Give a `windowPrefix`, or leave the column out with `select`.',
    });
  }
  return defineSchema(
    { ...schema.fields, ...Object.fromEntries(names.map((name) => [name, timestamp('ms')])) },
    schema.metadata,
  );
}

/** Rows of one window as pairs of row numbers; −1 is a missing row. */
export interface WindowPairs {
  readonly left: Batch;
  readonly right: Batch;
  readonly leftRows: Int32Array;
  readonly rightRows: Int32Array;
  readonly count: number;
  readonly startMs: number;
}

/** The pairs of a window as a batch. */
export function pairsBatch(schema: Schema, columns: OutputPlan, sizeMs: number, pairs: WindowPairs): Batch {
  const { left, right, leftRows, rightRows, count, startMs } = pairs;
  const all = left.columns.map((_, position) => position);
  return createBatch(
    schema,
    [
      ...gather(left.columns, all, columns.leftTypes, leftRows, count),
      ...gather(right.columns, columns.rightColumns, columns.rightTypes, rightRows, count),
      ...[startMs, startMs + sizeMs, startMs + sizeMs - 1].map((timeMs) => constantTime(timeMs, count)),
    ],
    count,
  );
}

function constantTime(timeMs: number, count: number): Column {
  const values = new Int32Array(2 * count);
  const high = Math.floor(timeMs / WORD);
  for (let row = 0; row < count; row++) {
    values[2 * row] = timeMs - high * WORD;
    values[2 * row + 1] = high;
  }
  return makeColumn(timestamp('ms'), count, { values });
}
