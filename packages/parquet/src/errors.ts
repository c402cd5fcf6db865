import { defineErrors } from '@sabot/core-observability/errors';

/** Every failure that this package reports. */
export const parquetErrors = defineErrors('parquet', {
  FILE_MISSING: {
    kind: 'usage',
    summary: 'A Parquet file does not exist.',
    remedy: 'Check the path; relative paths start at the folder that the program was started in.',
  },
  NOT_A_FILE: {
    kind: 'usage',
    summary: 'A path that should be a Parquet file is a folder or something else.',
    remedy: 'Give the files themselves: parquetSource([...paths], …) reads several.',
  },
  UNREADABLE: {
    kind: 'operational',
    summary: 'The operating system refused to read a Parquet file.',
    remedy: 'See the cause; check permissions and the disk.',
  },
  NOT_PARQUET: {
    kind: 'usage',
    summary: 'A file is empty, of another format or encrypted.',
    remedy: 'Give an unencrypted Parquet file; for CSV there is csvSource in @sabot/stream.',
  },
  TRUNCATED: {
    kind: 'operational',
    summary: 'A Parquet file ends before its footer: it was not written or copied to its end.',
    remedy: 'Copy or write the file again.',
  },
  CORRUPT: {
    kind: 'operational',
    summary: 'The footer or a page of a Parquet file cannot be decoded.',
    remedy: 'Copy or write the file again; if other programs read it, report it with the file.',
  },
  READER_CRASHED: {
    kind: 'operational',
    summary: 'The decoder was stopped by another damaged file while this one was being read.',
    remedy: 'Read the file again from its last position; remove the damaged one.',
  },
  COLUMN_MISSING: {
    kind: 'usage',
    summary: 'A file lacks a column of the declared schema.',
    remedy: 'Declare columns that every file has.',
  },
  TYPE_MISMATCH: {
    kind: 'usage',
    summary: 'A column of a file has another type than the declared schema says.',
    remedy: 'Declare the type that the file has, and cast in the pipeline.',
  },
  UNEXPECTED_NULL: {
    kind: 'usage',
    summary: 'A column that is declared without nulls holds one.',
    remedy: 'Declare the column with nullable(…) and say in the pipeline what becomes of nulls.',
  },
  OPTION_INVALID: {
    kind: 'usage',
    summary: 'An option or path of a Parquet source is not usable.',
    remedy: 'Correct what the message names.',
  },
  POSITION_INVALID: {
    kind: 'usage',
    summary:
      'A checkpoint holds a position in another file than the one that is there: it was replaced or written again.',
    remedy: 'Put the file of the checkpoint back, or start without the checkpoint.',
  },
});
