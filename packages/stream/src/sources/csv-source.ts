import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  type DataType,
  type Fields,
  projectSchema,
  type RowOf,
  type Schema,
} from '@sabot/columnar';
import { isSabotError } from '@sabot/core-observability/errors';
import { type Info, type Options, parse } from 'csv-parse';
import { streamErrors } from '../errors.js';
import type { Polled, Source, SourceReader, SplitPosition } from '../ports/source.js';
import { type CellReader, cellReader } from './csv-cell.js';

export interface CsvSourceOptions<F extends Fields> {
  /** The columns to read, in any order; the file may have others. Times without a zone are UTC. */
  readonly schema: Schema<F>;
  /** One character between cells; default `,`. */
  readonly delimiter?: string;
  /** Whether the first record names the columns; without it the schema's order is the file's. Default true. */
  readonly header?: boolean;
  /** Cells that are null in nullable columns; default the empty cell. */
  readonly nullValues?: readonly string[];
  /** What messages and plans call the source; default the file's name. */
  readonly name?: string;
}

/** How the cells of one wanted column are found and read. */
interface CsvColumn {
  readonly name: string;
  readonly type: DataType;
  readonly cell: number;
  readonly read: CellReader;
}

/** The file's layout: which cells to take and where the data begins. */
interface CsvLayout {
  readonly columns: readonly CsvColumn[];
  readonly width: number;
  readonly dataOffset: number;
  readonly dataLine: number;
}

interface CsvRecord {
  readonly info: Info;
  readonly record: readonly string[];
}

/**
 * A bounded source over one CSV file (RFC 4180, UTF-8, with or without a byte order mark), resumable by byte offset.
 *
 * Errors: `SOURCE_FAILED` for a file that cannot be read or is no CSV, `COLUMN_UNKNOWN` for a column that the header
 * does not name, `SCHEMA_MISMATCH` for a cell that is no value of its column, with file and line.
 */
export function csvSource<F extends Fields>(path: string, options: CsvSourceOptions<F>): Source<F> {
  for (const name of options.schema.names) cellReader(name, options.schema.fields[name] as DataType);
  return {
    name: options.name ?? basename(path),
    schema: options.schema,
    bounded: true,
    async splits() {
      await checkReadable(path);
      return [{ id: path }];
    },
    async read(_split, position, request) {
      const wanted = (request.columns ?? options.schema.names) as readonly (keyof F & string)[];
      const schema = projectSchema(options.schema, wanted);
      const layout = await readLayout(path, options, schema);
      return openReader(path, options, schema, layout, position, request.batchRows);
    },
  };
}

async function checkReadable(path: string): Promise<void> {
  try {
    const file = await open(path, 'r');
    await file.close();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

const parserOptions = (options: CsvSourceOptions<Fields>): Options => ({
  delimiter: options.delimiter ?? ',',
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
});

async function readLayout<F extends Fields>(
  path: string,
  options: CsvSourceOptions<Fields>,
  schema: Schema<F>,
): Promise<CsvLayout> {
  const named = options.header ?? true;
  const header = named ? await readHeader(path, options) : undefined;
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

async function readHeader(path: string, options: CsvSourceOptions<Fields>): Promise<CsvRecord> {
  const input = createReadStream(path);
  try {
    for await (const record of records(input, { ...parserOptions(options), bom: true, to: 1 })) return record;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    input.destroy();
  }
  throw streamErrors.error('SOURCE_FAILED', {
    what: `cannot read ${path}`,
    why: 'the file is empty',
    remedy: 'Give a file whose first record names the columns, or set `header: false`.',
  });
}

function records(input: Readable, options: Options): AsyncIterable<CsvRecord> {
  const parser = parse(options);
  input.on('error', (error) => parser.destroy(error));
  // With `info: true` every record comes with its position.
  return input.pipe(parser) as AsyncIterable<CsvRecord>;
}

function openReader<F extends Fields>(
  path: string,
  options: CsvSourceOptions<Fields>,
  schema: Schema<F>,
  layout: CsvLayout,
  position: SplitPosition | undefined,
  batchRows: number,
): SourceReader {
  const startOffset = Number(position?.['offset'] ?? layout.dataOffset);
  const startLine = Number(position?.['line'] ?? layout.dataLine);
  const input = createReadStream(path, { start: startOffset });
  const iterator = records(input, { ...parserOptions(options), bom: startOffset === 0 })[Symbol.asyncIterator]();
  const append = rowAppender(path, options, schema, layout);
  const builder = createBatchBuilder(schema, batchRows);
  let at = { offset: startOffset, line: startLine };

  return {
    async poll(signal): Promise<Polled> {
      try {
        while (builder.numRows < batchRows) {
          signal.throwIfAborted();
          const next = await iterator.next();
          if (next.done === true) break;
          const { info, record } = next.value;
          append(builder, record, startLine + info.lines);
          at = { offset: startOffset + info.bytes_records, line: startLine + info.lines };
        }
      } catch (cause) {
        throw isSabotError(cause) || signal.aborted ? cause : unreadable(path, cause);
      }
      if (builder.numRows === 0) return { kind: 'end' };
      return { kind: 'batch', batch: builder.finish() as Batch, position: at };
    },
    async close() {
      input.destroy();
      await iterator.return?.();
    },
  };
}

function rowAppender<F extends Fields>(
  path: string,
  options: CsvSourceOptions<Fields>,
  schema: Schema<F>,
  layout: CsvLayout,
): (builder: BatchBuilder<F>, record: readonly string[], line: number) => void {
  const nulls = new Set(options.nullValues ?? ['']);
  const row: Record<string, unknown> = Object.fromEntries(schema.names.map((name) => [name, null]));
  return (builder, record, line) => {
    if (record.length !== layout.width) {
      throw streamErrors.error('SCHEMA_MISMATCH', {
        what: `cannot read line ${line} of ${path}`,
        why: `it has ${record.length} cells where ${layout.width} are expected`,
        remedy: 'Correct the file; a cell that contains the delimiter must be quoted.',
      });
    }
    for (const column of layout.columns) {
      const text = record[column.cell] as string;
      const value = column.type.nullable && nulls.has(text) ? null : column.read(text);
      if (value === undefined) throw badCell(path, line, column, text);
      row[column.name] = value;
    }
    // Every column of the schema was just read by the reader of its type.
    builder.append(row as RowOf<F>);
  };
}

function badCell(path: string, line: number, column: CsvColumn, text: string): Error {
  return streamErrors.error('SCHEMA_MISMATCH', {
    what: `cannot read column "${column.name}" on line ${line} of ${path}`,
    why: `${JSON.stringify(text.slice(0, 80))} is no ${column.type.kind}`,
    remedy: 'Correct the cell, declare the column nullable and name such cells in `nullValues`, or read it as utf8.',
  });
}

function unreadable(path: string, cause: unknown): Error {
  return streamErrors.error('SOURCE_FAILED', {
    what: `cannot read ${path}`,
    why: cause instanceof Error ? cause.message : String(cause),
    remedy: 'Check that the file exists, may be read and is CSV.',
    cause,
  });
}
