import type { FileHandle } from 'node:fs/promises';
import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  type DataType,
  type Fields,
  type RowOf,
  type Schema,
} from '@sabot/columnar';
import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';
import type { Polled, SourceReader, SplitPosition } from '../ports/source.js';
import type { CellReader } from './csv-cell.js';
import { csvRecords, readBytes } from './csv-records.js';
import { createPrefixChecksum, type PrefixChecksum } from './file-prefix.js';
import type { RejectedRows } from './rejected-rows.js';
import { Utf8Check } from './utf8-check.js';

/** How the cells of one wanted column are found and read. */
export interface CsvColumn {
  readonly name: string;
  readonly type: DataType;
  readonly cell: number;
  readonly read: CellReader;
}

/** The file's layout: which cells to take and where the data begins. */
export interface CsvLayout {
  readonly columns: readonly CsvColumn[];
  readonly width: number;
  readonly dataOffset: number;
  readonly dataLine: number;
}

export interface CsvReading<F extends Fields> {
  readonly path: string;
  /** Closed with the reader. */
  readonly file: FileHandle;
  readonly options: { readonly delimiter?: string; readonly nullValues?: readonly string[] };
  readonly schema: Schema<F>;
  readonly layout: CsvLayout;
  readonly position: SplitPosition | undefined;
  readonly batchRows: number;
  readonly rejected: RejectedRows;
}

interface Place {
  readonly offset: number;
  readonly line: number;
}

/** Reads on from a position. Fails with `POSITION_INVALID` when the file is not the one that the position is of. */
export async function openCsvReader<F extends Fields>(reading: CsvReading<F>): Promise<SourceReader> {
  const { path, file, options, schema, layout, position, batchRows, rejected } = reading;
  const checksum = createPrefixChecksum(file);
  const start = await startOf(path, checksum, layout, position);
  const utf8 = new Utf8Check();
  const input = readBytes(file, start.offset, utf8);
  const records = csvRecords(input, { delimiter: options.delimiter, bom: start.offset === 0 });
  const iterator = records[Symbol.asyncIterator]();
  const { delimiter = ',' } = options;
  const append = rowAppender(path, options, schema, layout);
  const builder = createBatchBuilder(schema, batchRows);
  let at = start;
  let closed = false;

  const fill = async (signal: AbortSignal): Promise<void> => {
    while (builder.numRows + rejected.count < batchRows) {
      signal.throwIfAborted();
      const next = await iterator.next();
      if (next.done === true) return;
      const { info, record } = next.value;
      const line = start.line + info.lines;
      // Where bytes are no UTF-8, all that follows is in doubt: that ends the reading whatever the policy.
      if (info.bytes_records > utf8.invalidAt) throw noUtf8(path, line);
      try {
        append(builder, record, line);
      } catch (error) {
        rejected.refuse(error, line, record.join(delimiter));
      }
      at = { offset: start.offset + info.bytes_records, line };
    }
  };

  return {
    async poll(signal): Promise<Polled> {
      try {
        await fill(signal);
        if (builder.numRows + rejected.count === 0) return { kind: 'end' };
        const prefixCrc32 = (await checksum.before(at.offset)) ?? null;
        return {
          kind: 'batch',
          batch: builder.finish() as Batch,
          position: { ...at, prefixCrc32 },
          ...rejected.take(),
        };
      } catch (cause) {
        throw isSabotError(cause) || signal.aborted ? cause : unreadable(path, cause);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      input.destroy();
      await iterator.return?.();
      await file.close();
    },
  };
}

async function startOf(
  path: string,
  checksum: PrefixChecksum,
  layout: CsvLayout,
  position: SplitPosition | undefined,
): Promise<Place> {
  if (position === undefined) return { offset: layout.dataOffset, line: layout.dataLine };
  const { offset, line, prefixCrc32 } = position;
  if (typeof offset !== 'number' || typeof line !== 'number' || typeof prefixCrc32 !== 'number') {
    throw anotherFile(path, offset, 'it is no position of a CSV file');
  }
  const stored = await checksum.before(offset);
  if (stored === undefined) throw anotherFile(path, offset, 'the file that the checkpoint was made with was longer');
  if (stored !== prefixCrc32) {
    throw anotherFile(path, offset, 'what stands before it is not what was read when the checkpoint was made');
  }
  return { offset, line };
}

function anotherFile(path: string, offset: unknown, why: string): Error {
  return streamErrors.error('POSITION_INVALID', { what: `cannot go on in ${path} at byte ${offset}`, why });
}

function rowAppender<F extends Fields>(
  path: string,
  options: CsvReading<F>['options'],
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

/** A line with bytes that are no UTF-8. */
export function noUtf8(path: string, line: number): Error {
  return streamErrors.error('SCHEMA_MISMATCH', {
    what: `cannot read line ${line} of ${path}`,
    why: 'it holds bytes that are no UTF-8',
    remedy: 'Write the file as UTF-8; one in Latin-1 becomes so with `iconv -f latin1 -t utf-8`.',
  });
}

/** A file that cannot be opened, read or parsed. */
export function unreadable(path: string, cause: unknown): Error {
  return streamErrors.error('SOURCE_FAILED', {
    what: `cannot read ${path}`,
    why: cause instanceof Error ? cause.message : String(cause),
    remedy: 'Check that the file exists, may be read and is CSV.',
    cause,
  });
}
