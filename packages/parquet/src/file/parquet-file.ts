import type { Batch, Schema } from '@sabot/columnar';
import { decodeIpcStream } from '@sabot/columnar/ipc';
import { isSabotError } from '@sabot/core-observability/errors';
import { parquetErrors } from '../errors.js';
import { Decoder } from './decoder.js';
import type { DecoderAnswers, StoredRowGroup } from './decoder-protocol.js';
import { checkFile, type FileFingerprint } from './file-check.js';

/** An opened Parquet file: its footer is read, its pages are not. */
export interface ParquetFile {
  readonly path: string;
  readonly fingerprint: FileFingerprint;
  readonly schema: Schema;
  readonly rowGroups: readonly StoredRowGroup[];
  /** The rows of a row group from `offset`, only these columns, in batches of at most `batchRows`. */
  read(rowGroup: number, columns: readonly string[], offset: number, batchRows: number): Promise<RowGroupCursor>;
  /** Gives the decoder's memory back. */
  close(): Promise<void>;
}

/** Batches of one row group, decoded one at a time. */
export interface RowGroupCursor {
  /** The next batch; undefined at the end. Fails with `CORRUPT` or `READER_CRASHED`. */
  next(): Promise<Batch | undefined>;
  close(): Promise<void>;
}

/** Opens a file and reads its footer. Fails as `checkFile` does, and with `CORRUPT` or `READER_CRASHED`. */
export async function openParquetFile(path: string): Promise<ParquetFile> {
  const fingerprint = await checkFile(path);
  const decoder = Decoder.get();
  const what = `cannot decode the footer of "${path}"`;
  const opened = await decoder.ask(what, { kind: 'open', path });
  return new OpenedFile(path, fingerprint, decoder, opened);
}

class OpenedFile implements ParquetFile {
  readonly path: string;
  readonly fingerprint: FileFingerprint;
  readonly schema: Schema;
  readonly rowGroups: readonly StoredRowGroup[];
  private readonly decoder: Decoder;
  private readonly file: number;

  constructor(path: string, fingerprint: FileFingerprint, decoder: Decoder, opened: DecoderAnswers['open']) {
    this.path = path;
    this.fingerprint = fingerprint;
    this.decoder = decoder;
    this.file = opened.file;
    this.rowGroups = opened.rowGroups;
    this.schema = decoded(`cannot decode the footer of "${path}"`, opened.schema).schema;
  }

  async read(rowGroup: number, columns: readonly string[], offset: number, batchRows: number): Promise<RowGroupCursor> {
    const { decoder, file } = this;
    const what = `cannot decode row group ${rowGroup} of "${this.path}"`;
    const { cursor } = await decoder.ask(what, { kind: 'begin', file, rowGroup, columns, offset, batchRows });
    return {
      async next() {
        const { batch } = await decoder.ask(what, { kind: 'next', cursor });
        return batch === undefined ? undefined : decoded(what, batch).batches[0];
      },
      close: () => quietly(decoder.ask(what, { kind: 'end', cursor })),
    };
  }

  close(): Promise<void> {
    return quietly(this.decoder.ask(`cannot close "${this.path}"`, { kind: 'close', file: this.file }));
  }
}

function decoded(what: string, bytes: Uint8Array) {
  try {
    return decodeIpcStream(bytes);
  } catch (cause) {
    // A type without a counterpart in columnar has its own message.
    if (isSabotError(cause) && cause.kind === 'usage') throw cause;
    throw parquetErrors.error('CORRUPT', { what, why: cause instanceof Error ? cause.message : String(cause), cause });
  }
}

/** A decoder that is gone has given its memory back already. */
async function quietly(closing: Promise<unknown>): Promise<void> {
  await closing.catch(() => undefined);
}
