import { type Column, defineSchema, makeColumn, timestamp } from '@sabot/columnar';

const WORD = 4294967296;

/** The type of window bounds: epoch milliseconds. */
export const WINDOW_TYPE = timestamp('ms');

/** A batch of window starts alone. */
export const WINDOW_SCHEMA = defineSchema({ start: WINDOW_TYPE });

/** Whole epoch milliseconds as a column of window bounds. */
export function windowColumn(timesMs: Float64Array, numRows: number): Column<typeof WINDOW_TYPE> {
  const words = new Int32Array(2 * numRows);
  for (let row = 0; row < numRows; row++) {
    const ms = timesMs[row] as number;
    words[2 * row] = ms | 0;
    words[2 * row + 1] = Math.floor(ms / WORD);
  }
  return makeColumn(WINDOW_TYPE, numRows, { values: words });
}
