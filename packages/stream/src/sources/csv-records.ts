import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import type { Utf8Check } from './utf8-check.js';

/** A record with its place: bytes and lines up to its end, counted from where reading began. */
export interface CsvRecord {
  readonly info: Info;
  readonly record: readonly string[];
}

export interface CsvRecordsOptions {
  readonly delimiter: string | undefined;
  /** Whether the input may begin with a byte order mark. */
  readonly bom: boolean;
  /** Stop after this many records. */
  readonly to?: number;
}

/** The records of a flow of CSV bytes, one after the other. */
export function csvRecords(input: Readable, options: CsvRecordsOptions): AsyncIterable<CsvRecord> {
  const { delimiter = ',', bom, to } = options;
  const counted = to === undefined ? {} : { to };
  const parser = parse({ delimiter, bom, ...counted, info: true, relax_column_count: true, skip_empty_lines: true });
  input.on('error', (error) => parser.destroy(error));
  // With `info: true` every record comes with its position.
  return input.pipe(parser) as AsyncIterable<CsvRecord>;
}

const CHUNK_BYTES = 65_536;

/** The bytes of an open file from an offset on, shown to the check as they pass; the file stays open. */
export function readBytes(file: FileHandle, offset: number, utf8: Utf8Check): Readable {
  return Readable.from(chunksOf(file, offset, utf8), { objectMode: false });
}

async function* chunksOf(file: FileHandle, offset: number, utf8: Utf8Check): AsyncGenerator<Buffer> {
  for (let at = offset; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    utf8.add(chunk.subarray(0, bytesRead));
    yield chunk.subarray(0, bytesRead);
  }
  utf8.end();
}
