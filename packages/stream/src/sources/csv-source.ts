import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type DataType, type Fields, projectSchema, type Schema } from '@sabot/columnar';
import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';
import type { ErrorPolicy } from '../operators/failures/failed-rows.js';
import type { Source } from '../ports/source.js';
import { cellReader } from './csv-cell.js';
import { type CsvLayout, noUtf8, openCsvReader, unreadable } from './csv-reader.js';
import { type CsvRecord, csvRecords, readBytes } from './csv-records.js';
import { RejectedRows, rejects } from './rejected-rows.js';
import { Utf8Check } from './utf8-check.js';

export interface CsvSourceOptions<F extends Fields> {
  /** The columns to read, in any order; the file may have others. Times without a zone are UTC. */
  readonly schema: Schema<F>;
  /** One character between cells; default `,`. */
  readonly delimiter?: string;
  /** Whether the first record names the columns; without it the schema's order is the file's. Default true. */
  readonly header?: boolean;
  /** Cells that are null in nullable columns; default the empty cell. */
  readonly nullValues?: readonly string[];
  /** What becomes of a row with a cell that is no value of its column, or with too many or too few cells; default `fail`. */
  readonly onError?: ErrorPolicy;
  /** What messages and plans call the source; default the file's name. */
  readonly name?: string;
}

/**
 * A bounded source over one CSV file (RFC 4180, UTF-8, with or without a byte order mark), resumable by byte offset. A
 * position carries a checksum of what stands before it: a file that has grown is gone on with, another one is not.
 *
 * Errors: `SOURCE_FAILED` for a file that cannot be read or is no CSV, `COLUMN_UNKNOWN` for a column that the header
 * does not name, `SCHEMA_MISMATCH` for a cell that is no value of its column and for bytes that are no UTF-8, with file
 * and line, `POSITION_INVALID` for a checkpoint of another file.
 */
export function csvSource<F extends Fields>(path: string, options: CsvSourceOptions<F>): Source<F> {
  const { onError = 'fail', name: sourceName = basename(path) } = options;
  for (const name of options.schema.names) cellReader(name, options.schema.fields[name] as DataType);
  return {
    name: sourceName,
    schema: options.schema,
    bounded: true,
    ...rejects(onError),
    async splits() {
      await (await openFile(path)).close();
      return [{ id: path }];
    },
    async read(_split, position, request) {
      const wanted = (request.columns ?? options.schema.names) as readonly (keyof F & string)[];
      const schema = projectSchema(options.schema, wanted);
      const file = await openFile(path);
      try {
        const layout = await readLayout(path, file, options, schema);
        const rejected = new RejectedRows(onError, sourceName);
        const { batchRows } = request;
        return await openCsvReader({ path, file, options, schema, layout, position, batchRows, rejected });
      } catch (error) {
        await file.close();
        throw error;
      }
    },
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readLayout<F extends Fields>(
  path: string,
  file: FileHandle,
  options: CsvSourceOptions<Fields>,
  schema: Schema<F>,
): Promise<CsvLayout> {
  const named = options.header ?? true;
  const header = named ? await readHeader(path, file, options) : undefined;
  const names = header?.record ?? options.schema.names;
  const columns = schema.names.map((name) => {
    const cell = names.indexOf(name);
    if (cell < 0) {
      throw streamErrors.error('COLUMN_UNKNOWN', {
        what: `cannot read column "${name}" from ${path}`,
        why: `its header names ${names.map((known) => `"${known}"`).join(', ')}`,
      });
    }
    const type = schema.fields[name] as DataType;
    return { name, type, cell, read: cellReader(name, type) };
  });
  const dataOffset = header?.info.bytes_records ?? 0;
  return { columns, width: names.length, dataOffset, dataLine: header?.info.lines ?? 0 };
}

async function readHeader(path: string, file: FileHandle, options: CsvSourceOptions<Fields>): Promise<CsvRecord> {
  const utf8 = new Utf8Check();
  const input = readBytes(file, 0, utf8);
  try {
    for await (const header of csvRecords(input, { delimiter: options.delimiter, bom: true, to: 1 })) {
      if (header.info.bytes_records > utf8.invalidAt) throw noUtf8(path, header.info.lines);
      return header;
    }
  } catch (cause) {
    throw isSabotError(cause) ? cause : unreadable(path, cause);
  } finally {
    input.destroy();
  }
  throw streamErrors.error('SOURCE_FAILED', {
    what: `cannot read ${path}`,
    why: 'the file is empty',
    remedy: 'Give a file whose first record names the columns, or set `header: false`.',
  });
}
