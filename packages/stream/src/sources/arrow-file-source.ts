import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type Batch,
  describeType,
  type Fields,
  fieldType,
  type Schema,
  sameType,
  selectColumns,
  sliceBatch,
} from '@sabot/columnar';
import { decodeIpcStream, openIpcFile } from '@sabot/columnar/ipc';
import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';
import type { Polled, Source, SourceReader, SplitPosition } from '../ports/source.js';

export interface ArrowFileSourceOptions<F extends Fields> {
  /** The columns to read, in any order; the file may have others. */
  readonly schema: Schema<F>;
  /** What messages and plans call the source; default the file's name. */
  readonly name?: string;
}

/** Batches of a file by number; those of the file format are decoded when they are asked for. */
interface ArrowBatches {
  readonly schema: Schema;
  readonly count: number;
  batch(index: number): Batch;
}

const FILE_MAGIC = 'ARROW1';

/**
 * A bounded source over one file in Arrow's IPC stream or file format (Feather 2), whichever it is. The file is held in
 * memory while it is read, and its columns are not copied.
 *
 * Errors: `SOURCE_FAILED` for a file that cannot be read, `COLUMN_UNKNOWN` and `SCHEMA_MISMATCH` for columns that it does
 * not have as declared, `POSITION_INVALID` for a checkpoint of another file, `SABOT_COLUMNAR_IPC_MALFORMED` for damage.
 *
 * @example
 * const hourly = Stream.from(arrowFileSource('hourly.arrow', { schema }), { eventTime: 'windowTime' });
 */
export function arrowFileSource<F extends Fields>(path: string, options: ArrowFileSourceOptions<F>): Source<F> {
  const { schema, name = basename(path) } = options;
  return {
    name,
    schema,
    bounded: true,
    async splits() {
      await stat(path).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      return [{ id: path }];
    },
    async read(_split, position, { columns, batchRows }) {
      const bytes = await readFile(path).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      const batches = batchesOf(path, bytes);
      assertColumns(path, schema, batches.schema);
      const wanted = columns ?? schema.names;
      return new ArrowReader(batches, wanted, batchRows, startOf(path, position, bytes.length), bytes.length);
    },
  };
}

interface Place {
  readonly batch: number;
  readonly row: number;
}

class ArrowReader implements SourceReader {
  private batches: ArrowBatches | undefined;
  private readonly columns: readonly string[];
  private readonly batchRows: number;
  private readonly bytes: number;
  private at: Place;
  private current: Batch | undefined;

  constructor(batches: ArrowBatches, columns: readonly string[], batchRows: number, start: Place, bytes: number) {
    this.batches = batches;
    this.columns = columns;
    this.batchRows = batchRows;
    this.at = start;
    this.bytes = bytes;
  }

  async poll(signal: AbortSignal): Promise<Polled> {
    signal.throwIfAborted();
    const { batches } = this;
    if (batches === undefined)
      throw streamErrors.error('CLOSED', { what: 'cannot read on', why: 'the reader has been closed' });
    while (this.at.batch < batches.count) {
      this.current ??= selectColumns(batches.batch(this.at.batch), this.columns);
      const { numRows } = this.current;
      if (this.at.row >= numRows) {
        this.current = undefined;
        this.at = { batch: this.at.batch + 1, row: 0 };
        continue;
      }
      const end = Math.min(numRows, this.at.row + this.batchRows);
      const batch = sliceBatch(this.current, this.at.row, end);
      this.at = { ...this.at, row: end };
      return { kind: 'batch', batch, position: { ...this.at, bytes: this.bytes } };
    }
    return { kind: 'end' };
  }

  async close(): Promise<void> {
    this.batches = undefined;
    this.current = undefined;
  }
}

function batchesOf(path: string, bytes: Uint8Array): ArrowBatches {
  try {
    if (Buffer.from(bytes.buffer, bytes.byteOffset, FILE_MAGIC.length).toString('latin1') === FILE_MAGIC) {
      const file = openIpcFile(bytes);
      return { schema: file.schema, count: file.numBatches, batch: (index) => file.batch(index) };
    }
    const { schema, batches } = decodeIpcStream(bytes);
    return { schema, count: batches.length, batch: (index) => batches[index] as Batch };
  } catch (cause) {
    throw isSabotError(cause) ? cause : unreadable(path, cause);
  }
}

function assertColumns(path: string, wanted: Schema, found: Schema): void {
  for (const name of wanted.names) {
    const type = found.fields[name];
    if (type === undefined) {
      throw streamErrors.error('COLUMN_UNKNOWN', {
        what: `cannot read column "${name}" from ${path}`,
        why: `the file has ${found.names.join(', ')}`,
      });
    }
    if (sameType(type, fieldType(wanted, name))) continue;
    throw streamErrors.error('SCHEMA_MISMATCH', {
      what: `cannot read column "${name}" of ${path} as ${describeType(fieldType(wanted, name))}`,
      why: `the file has it as ${describeType(type)}`,
    });
  }
}

function startOf(path: string, position: SplitPosition | undefined, size: number): Place {
  if (position === undefined) return { batch: 0, row: 0 };
  const { batch, row, bytes } = position;
  if (typeof batch === 'number' && typeof row === 'number' && bytes === size) return { batch, row };
  throw streamErrors.error('POSITION_INVALID', {
    what: `cannot go on in ${path} at batch ${batch}`,
    why: `the file has ${size} bytes, and had ${bytes} when the checkpoint was made`,
  });
}

function unreadable(path: string, cause: unknown): Error {
  return streamErrors.error('SOURCE_FAILED', {
    what: `cannot read ${path}`,
    why: cause instanceof Error ? cause.message : String(cause),
    remedy: 'Check that the file exists, may be read and is Arrow IPC.',
    cause,
  });
}
