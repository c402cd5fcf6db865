import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
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
import { streamErrors } from '../errors.js';
import type { ErrorPolicy } from '../operators/failures/failed-rows.js';
import type { Polled, Source, SourceReader, SplitPosition } from '../ports/source.js';
import { FileLines } from './file-lines.js';
import { createPrefixChecksum, type PrefixChecksum } from './file-prefix.js';
import { isWide, type JsonReader, jsonReader, showValue, withLongNumbersAsText } from './json-value.js';
import { RejectedRows, rejects } from './rejected-rows.js';

export interface NdjsonSourceOptions<F extends Fields> {
  /** The members to read, by name; the objects may have others. */
  readonly schema: Schema<F>;
  /** What becomes of a line that is no JSON object or does not fit the schema; default `fail`. */
  readonly onError?: ErrorPolicy;
  /** What messages and plans call the source; default the file's name. */
  readonly name?: string;
}

/**
 * A bounded source over one file of JSON objects, one per line (UTF-8), resumable by byte offset. A member that is missing
 * is null where its column has nulls. Instants are ISO 8601 text or epoch milliseconds, 64-bit integers are exact, binary
 * is base64: what `ndjsonFileSink` writes.
 *
 * Errors: `SOURCE_FAILED` for a file that cannot be read, `SCHEMA_MISMATCH` for a line that is no JSON object of the
 * schema, with file, line and column, `POSITION_INVALID` for a checkpoint of another file.
 *
 * @example
 * const orders = Stream.from(ndjsonSource('orders.ndjson', { schema, onError: 'skip' }), { eventTime: 'at' });
 */
export function ndjsonSource<F extends Fields>(path: string, options: NdjsonSourceOptions<F>): Source<F> {
  const { schema, onError = 'fail', name = basename(path) } = options;
  return {
    name,
    schema,
    bounded: true,
    ...rejects(onError),
    async splits() {
      await (await openFile(path)).close();
      return [{ id: path }];
    },
    async read(_split, position, { columns, batchRows }) {
      const wanted = (columns ?? schema.names) as readonly (keyof F & string)[];
      const file = await openFile(path);
      try {
        const start = await startOf(path, createPrefixChecksum(file), position);
        const rejected = new RejectedRows(onError, name);
        return new NdjsonReader(path, file, projectSchema(schema, wanted), batchRows, rejected, start);
      } catch (error) {
        await file.close();
        throw error;
      }
    },
  };
}

interface Place {
  readonly offset: number;
  readonly line: number;
}

/** How one member becomes a value. */
interface Member {
  readonly name: string;
  readonly type: DataType;
  readonly read: JsonReader;
}

class NdjsonReader implements SourceReader {
  private readonly path: string;
  private readonly file: FileHandle;
  private readonly batchRows: number;
  private readonly rejected: RejectedRows;
  private readonly checksum: PrefixChecksum;
  private readonly lines: FileLines;
  private readonly members: readonly Member[];
  private readonly exact: boolean;
  private readonly builder: BatchBuilder<Fields>;
  private readonly row: Record<string, unknown>;
  private at: Place;
  private closed = false;

  constructor(path: string, file: FileHandle, schema: Schema, batchRows: number, rejected: RejectedRows, start: Place) {
    this.path = path;
    this.file = file;
    this.batchRows = batchRows;
    this.rejected = rejected;
    this.checksum = createPrefixChecksum(file);
    this.lines = new FileLines(file, start.offset);
    this.members = schema.names.map((name) => {
      const type = schema.fields[name] as DataType;
      return { name, type, read: jsonReader(type) };
    });
    this.exact = this.members.some(({ type }) => isWide(type));
    this.builder = createBatchBuilder<Fields>(schema, Math.min(batchRows, 8192));
    this.row = Object.fromEntries(schema.names.map((name) => [name, null]));
    this.at = start;
  }

  async poll(signal: AbortSignal): Promise<Polled> {
    try {
      const { builder, rejected } = this;
      while (builder.numRows + rejected.count < this.batchRows) {
        signal.throwIfAborted();
        const next = this.lines.next();
        const line = next instanceof Promise ? await next : next;
        if (line === undefined) break;
        this.at = { offset: line.endOffset, line: this.at.line + 1 };
        this.take(line.bytes);
      }
      if (builder.numRows + rejected.count === 0) return { kind: 'end' };
      const prefixCrc32 = (await this.checksum.before(this.at.offset)) ?? null;
      const position = { ...this.at, prefixCrc32 };
      return { kind: 'batch', batch: builder.finish() as Batch, position, ...rejected.take() };
    } catch (cause) {
      throw isSabotError(cause) || signal.aborted ? cause : unreadable(this.path, cause);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.file.close();
  }

  private take(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    if (text.trim() === '') return;
    try {
      if (!isUtf8(bytes)) throw this.bad('it holds bytes that are no UTF-8');
      this.append(text);
    } catch (error) {
      this.rejected.refuse(error, this.at.line, text);
    }
  }

  private append(text: string): void {
    const value = this.parsed(text);
    for (const { name, type, read } of this.members) {
      const found = value[name];
      const cell = read(found);
      if (cell === undefined) throw this.bad(`column "${name}": ${showValue(found, type)}`);
      this.row[name] = cell;
    }
    // Every column of the schema was just read by the reader of its type.
    this.builder.append(this.row as RowOf<Fields>);
  }

  private parsed(text: string): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
      value = JSON.parse(this.exact ? withLongNumbersAsText(text) : text);
    } catch (cause) {
      throw this.bad(cause instanceof Error ? cause.message : String(cause));
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw this.bad('it is no JSON object');
  }

  private bad(why: string): Error {
    return streamErrors.error('SCHEMA_MISMATCH', {
      what: `cannot read line ${this.at.line} of ${this.path}`,
      why,
      remedy: 'Correct the line, declare its column nullable, or say in `onError` what becomes of such lines.',
    });
  }
}

async function startOf(path: string, checksum: PrefixChecksum, position: SplitPosition | undefined): Promise<Place> {
  if (position === undefined) return { offset: 0, line: 0 };
  const { offset, line, prefixCrc32 } = position;
  const known = typeof offset === 'number' && typeof line === 'number' && typeof prefixCrc32 === 'number';
  if (known && (await checksum.before(offset)) === prefixCrc32) return { offset, line };
  throw streamErrors.error('POSITION_INVALID', {
    what: `cannot go on in ${path} at byte ${offset}`,
    why: known
      ? 'what stands before it is not what was read when the checkpoint was made'
      : 'it is no position of an NDJSON file',
  });
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Error {
  return streamErrors.error('SOURCE_FAILED', {
    what: `cannot read ${path}`,
    why: cause instanceof Error ? cause.message : String(cause),
    remedy: 'Check that the file exists and may be read.',
    cause,
  });
}
