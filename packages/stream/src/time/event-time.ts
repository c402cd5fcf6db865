import { type Batch, type Column, type Fields, unitsPerMs } from '@sabot/columnar';
import { streamErrors } from '../errors.js';

const WORD = 4294967296;

/**
 * The event times of a batch: whole epoch milliseconds (finer units are floored), one per row.
 * Fails with `SABOT_STREAM_EVENT_TIME_NULL` or `…_COLUMN_UNKNOWN`. `out` is reused when it is long enough.
 */
export function readTimesMs(batch: Batch, column: string, out?: Float64Array): Float64Array {
  const times = timeColumn(batch, column);
  const target = out !== undefined && out.length >= batch.numRows ? out : new Float64Array(batch.numRows);
  const words = times.values as Int32Array;
  const scale = scaleOf(times);
  for (let row = 0; row < batch.numRows; row++) {
    target[row] = Math.floor(((words[2 * row + 1] as number) * WORD + ((words[2 * row] as number) >>> 0)) / scale);
  }
  return target;
}

/** The earliest and latest event time of a batch, whole epoch milliseconds; `[Infinity, -Infinity]` for an empty one. */
export function timeRangeMs(batch: Batch, column: string): readonly [minMs: number, maxMs: number] {
  const times = timeColumn(batch, column);
  const words = times.values as Int32Array;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < batch.numRows; row++) {
    const units = (words[2 * row + 1] as number) * WORD + ((words[2 * row] as number) >>> 0);
    if (units < min) min = units;
    if (units > max) max = units;
  }
  const scale = scaleOf(times);
  return [Math.floor(min / scale), Math.floor(max / scale)];
}

/** Whether a schema's field can carry event time. */
export function isTimeField(fields: Fields, column: string): boolean {
  return fields[column]?.kind === 'timestamp';
}

function timeColumn(batch: Batch, name: string): Column {
  const column = batch.column(name);
  if (column.nullCount > 0) {
    throw streamErrors.error('EVENT_TIME_NULL', {
      what: `cannot place rows in time by column "${name}"`,
      why: `${column.nullCount} of ${batch.numRows} rows of a batch have no value there`,
      facts: { rows: column.nullCount },
    });
  }
  return column;
}

function scaleOf(column: Column): number {
  const type = column.type;
  if (type.kind === 'timestamp') return unitsPerMs(type.unit);
  throw streamErrors.error('EVENT_TIME_MISSING', {
    what: 'cannot read event times',
    why: `the column is a ${type.kind}, not a timestamp`,
  });
}
