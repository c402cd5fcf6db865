import type { DataType, Schema } from '@sabot/columnar';

/** What a text, a list or a struct is taken to need. */
const GUESSED = 32;

const widths: Readonly<Record<DataType['kind'], number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  dictionary: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
  timestamp: 8,
  date: 8,
  time: 8,
  duration: 8,
  decimal128: 16,
  utf8: GUESSED,
  binary: GUESSED,
  list: GUESSED,
  struct: GUESSED,
};

/** What a row of the schema takes, bytes: exact for numbers, a guess for what has no fixed width. */
export function rowBytes({ fields }: Schema): number {
  return Object.values(fields).reduce((sum, { kind }) => sum + widths[kind], 0);
}
