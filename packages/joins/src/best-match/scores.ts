import { type Column, isValid } from '@sabot/columnar';

const WORD = 2 ** 32;

/** The values that decide, so that the greater is the better; null and NaN are worst. */
export function readScores(column: Column, numRows: number, order: 'greatest' | 'least'): Float64Array {
  const scores = new Float64Array(numRows);
  const { values } = column;
  const sign = order === 'greatest' ? 1 : -1;
  if (isWide(column)) {
    for (let row = 0; row < numRows; row++) {
      scores[row] = sign * ((values[2 * row + 1] as number) * WORD + ((values[2 * row] as number) >>> 0));
    }
  } else {
    for (let row = 0; row < numRows; row++) scores[row] = sign * (values[row] as number);
  }
  for (let row = 0; row < numRows; row++) {
    if (Number.isNaN(scores[row]) || !isValid(column, row)) scores[row] = Number.NEGATIVE_INFINITY;
  }
  return scores;
}

/** Kinds of columns that can decide: numbers of up to 64 bits, and times. */
export const SCORED_KINDS: readonly string[] = [
  ...['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'float32', 'float64', 'timestamp'],
];

function isWide({ type }: Column): boolean {
  return type.kind === 'int64' || type.kind === 'timestamp';
}
