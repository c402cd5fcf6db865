import { basename } from 'node:path';
import { type Batch, createBatch, type Fields, projectSchema, type Schema, sliceBatch } from '@sabot/columnar';
import type { Source } from '@sabot/stream';
import type { Polled, SourceReader } from '@sabot/stream/ports';
import { parquetErrors } from '../errors.js';
import type { StoredRowGroup } from '../file/decoder-protocol.js';
import { openParquetFile, type ParquetFile, type RowGroupCursor } from '../file/parquet-file.js';
import { checkSchema, conform } from '../file/schema-check.js';
import { contentsOf, type FilePosition, type ParquetFileContents, type Start, startOf } from './file-position.js';

export interface ParquetSourceOptions<F extends Fields> {
  /** The columns to read, in any order; the files may have others. `readParquetSchema` says what a file has. */
  readonly schema: Schema<F>;
  /** What messages and plans call the source; default the name of the first file. */
  readonly name?: string;
}

/** Plain-integer facts of a source over all its readers; decorators publish them. */
export interface ParquetSourceStats {
  /** Rows handed out. */
  rows: number;
  /** Row groups begun. */
  rowGroups: number;
  /** Compressed bytes of the columns read, by the files' own figures. */
  compressedBytes: number;
  /** Time that callers waited for rows; decoding goes on beside them. */
  waitMs: number;
}

/** What the footers of a source's files say. */
export interface ParquetContents {
  readonly rows: number;
  readonly rowGroups: number;
  /** Compressed bytes of the declared columns. */
  readonly bytes: number;
  /** In the order of the paths. */
  readonly files: readonly ParquetFileContents[];
}

/** A bounded source over Parquet files. */
export interface ParquetSource<F extends Fields = Fields> extends Source<F> {
  readonly stats: ParquetSourceStats;
  /** Makes every check of opening, on all files, and says what they hold; no page is read. */
  inspect(): Promise<ParquetContents>;
}

/**
 * A bounded source over one or several Parquet files: each file is a split, read lazily row group by row group, only the
 * columns asked for. A position is the number of rows of the file that were taken, and what tells this file from another:
 * its rows, its size and a checksum of its footer.
 *
 * Errors, when it is opened: `SABOT_PARQUET_FILE_MISSING`, `_NOT_A_FILE`, `_UNREADABLE`, `_NOT_PARQUET`, `_TRUNCATED`,
 * `_CORRUPT`, `_COLUMN_MISSING`, `_TYPE_MISMATCH`; while reading: `_CORRUPT`, `_UNEXPECTED_NULL`, `_READER_CRASHED`; for a
 * checkpoint of another file `_POSITION_INVALID`; for unusable arguments `_OPTION_INVALID`.
 *
 * @example
 * const flights = parquetSource('flights.parquet', { schema: defineSchema({ origin: utf8(), delay: nullable(int64()) }) });
 */
export function parquetSource<F extends Fields>(
  paths: string | readonly string[],
  options: ParquetSourceOptions<F>,
): ParquetSource<F> {
  const files = typeof paths === 'string' ? [paths] : [...paths];
  checkPaths(files);
  const { schema, name = basename(files[0] as string) } = options;
  const stats: ParquetSourceStats = { rows: 0, rowGroups: 0, compressedBytes: 0, waitMs: 0 };
  return {
    name,
    schema,
    bounded: true,
    stats,
    inspect: () => inspectFiles(files, schema),
    async splits() {
      await inspectFiles(files, schema);
      return files.map((id) => ({ id }));
    },
    async read(split, position, { columns, batchRows }) {
      if (!Number.isSafeInteger(batchRows) || batchRows < 1) throw badOption(`batchRows is ${batchRows}`);
      const file = await openChecked(split.id, schema);
      try {
        // The plan asks for names of this very schema.
        const wanted = columns === undefined ? schema : projectSchema(schema, columns as readonly (keyof F & string)[]);
        const start = startOf(file, position);
        return new RowGroupReader(file, wanted, batchRows, start, stats);
      } catch (error) {
        await file.close();
        throw error;
      }
    },
  };
}

/** The schema of a Parquet file, from its footer. Fails as opening a source does. */
export async function readParquetSchema(path: string): Promise<Schema> {
  const file = await openParquetFile(path);
  await file.close();
  return file.schema;
}

async function inspectFiles(files: readonly string[], schema: Schema): Promise<ParquetContents> {
  const contents = { rows: 0, rowGroups: 0, bytes: 0 };
  const opened: ParquetFileContents[] = [];
  for (const path of files) {
    const file = await openChecked(path, schema);
    await file.close();
    const stored = contentsOf(file);
    opened.push(stored);
    contents.rows += stored.fileRows;
    contents.rowGroups += file.rowGroups.length;
    for (const group of file.rowGroups) contents.bytes += bytesOf(group, schema.names);
  }
  return { ...contents, files: opened };
}

function bytesOf(group: StoredRowGroup, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (group.columnBytes.get(name) ?? 0), 0);
}

async function openChecked(path: string, schema: Schema): Promise<ParquetFile> {
  const file = await openParquetFile(path);
  try {
    checkSchema(path, schema, file.schema);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Decoding pays per batch: small batches are slices of larger ones. */
const DECODED_ROWS = 65_536;

/** Decoded rows, and the number of rows before them in the file. */
interface Decoded {
  readonly batch: Batch;
  readonly fileRow: number;
}

/**
 * Algorithm: the decoder works on the next rows while the caller works on these.
 * State: the compressed columns of one row group and two decoded batches of about 65,536 rows.
 * Correctness: rows come in the file's order; a position is the number of rows taken from the file.
 */
class RowGroupReader implements SourceReader {
  private readonly file: ParquetFile;
  private readonly schema: Schema;
  private readonly batchRows: number;
  private readonly stats: ParquetSourceStats;
  /** Where the next rows to decode begin. */
  private rowGroup: number;
  private row: number;
  private fileRow: number;
  private readonly contents: Omit<FilePosition, 'row'>;
  private cursor: RowGroupCursor | undefined;
  private ahead: Promise<Decoded | undefined> | undefined;
  private current: Decoded | undefined;
  private taken = 0;
  private closed = false;

  constructor(file: ParquetFile, schema: Schema, batchRows: number, start: Start, stats: ParquetSourceStats) {
    this.file = file;
    this.schema = schema;
    this.batchRows = batchRows;
    this.rowGroup = start.rowGroup;
    this.row = start.row;
    this.fileRow = start.fileRow;
    this.stats = stats;
    const { path: _, ...contents } = contentsOf(file);
    this.contents = contents;
  }

  async poll(signal: AbortSignal): Promise<Polled> {
    signal.throwIfAborted();
    if (this.closed) throw badOption('the reader has been closed');
    if (this.current === undefined) {
      const startMs = performance.now();
      this.current = await (this.ahead ?? this.decode());
      this.stats.waitMs += performance.now() - startMs;
      if (this.current === undefined) return { kind: 'end' };
      this.taken = 0;
      this.ahead = this.decode();
      // Whoever polls next is told; until then it is nobody's failure.
      this.ahead.catch(() => undefined);
    }
    return this.takeBatch(this.current);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.current = undefined;
    await this.ahead?.catch(() => undefined);
    await this.cursor?.close();
    await this.file.close();
  }

  private takeBatch({ batch, fileRow }: Decoded): Polled {
    const end = Math.min(batch.numRows, this.taken + this.batchRows);
    const slice = sliceBatch(batch, this.taken, end);
    this.taken = end;
    this.stats.rows += slice.numRows;
    if (end === batch.numRows) this.current = undefined;
    return { kind: 'batch', batch: slice, position: { row: fileRow + end, ...this.contents } };
  }

  /** The next rows; undefined at the end of the file. */
  private async decode(): Promise<Decoded | undefined> {
    for (;;) {
      const group = this.file.rowGroups[this.rowGroup];
      if (group === undefined) return undefined;
      if (this.row < group.rows) {
        const { fileRow } = this;
        const batch = await this.decodeRows(group);
        this.row += batch.numRows;
        this.fileRow += batch.numRows;
        return { batch, fileRow };
      }
      await this.cursor?.close();
      this.cursor = undefined;
      this.rowGroup++;
      this.row = 0;
    }
  }

  private async decodeRows(group: StoredRowGroup): Promise<Batch> {
    // Without columns there is nothing to decode: the footer says how many rows there are.
    if (this.schema.names.length === 0) return createBatch(this.schema, [], group.rows - this.row);
    this.cursor ??= await this.begin(group);
    const batch = await this.cursor.next();
    if (batch === undefined) throw cutShort(this.file.path, this.rowGroup, group.rows, this.row);
    return conform(this.file.path, this.rowGroup, this.schema, batch);
  }

  private async begin(group: StoredRowGroup): Promise<RowGroupCursor> {
    const { names } = this.schema;
    this.stats.rowGroups++;
    this.stats.compressedBytes += bytesOf(group, names);
    const rows = Math.max(this.batchRows, Math.floor(DECODED_ROWS / this.batchRows) * this.batchRows);
    return await this.file.read(this.rowGroup, names, this.row, rows);
  }
}

function checkPaths(paths: readonly string[]): void {
  if (paths.length === 0) throw badOption('there is no path');
  for (const path of paths) {
    if (typeof path !== 'string' || path === '') throw badOption(`${JSON.stringify(path)} is no path`);
  }
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  if (twice !== undefined) throw badOption(`the path "${twice}" is given twice`);
}

function badOption(why: string) {
  return parquetErrors.error('OPTION_INVALID', { what: 'cannot read Parquet', why });
}

function cutShort(path: string, rowGroup: number, rows: number, row: number) {
  return parquetErrors.error('CORRUPT', {
    what: `cannot decode row group ${rowGroup} of "${path}"`,
    why: `it says that it has ${rows} rows and ends after ${row}`,
  });
}
