import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { parquetErrors } from '../errors.js';

/** Magic at both ends and the length of the footer before the last one. */
const SMALLEST_FILE = 12;
const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';

/** What tells one Parquet file from another: a footer holds the place and the statistics of every page. */
export interface FileFingerprint {
  /** Size of the whole file. */
  readonly fileBytes: number;
  readonly footerCrc32: number;
}

/**
 * Looks at both ends of a file before the decoder does: fails with `FILE_MISSING`, `NOT_A_FILE`, `UNREADABLE`,
 * `NOT_PARQUET`, `TRUNCATED` or `CORRUPT`.
 */
export async function checkFile(path: string): Promise<FileFingerprint> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw openingFailure(path, cause);
  }
  try {
    return await checkEnds(path, file);
  } finally {
    await file.close();
  }
}

async function checkEnds(path: string, file: FileHandle): Promise<FileFingerprint> {
  const stats = await file.stat();
  const what = `cannot read "${path}"`;
  if (!stats.isFile()) {
    throw parquetErrors.error('NOT_A_FILE', {
      what,
      why: stats.isDirectory() ? 'it is a folder' : 'it is no regular file',
    });
  }
  if (stats.size === 0) throw parquetErrors.error('NOT_PARQUET', { what, why: 'it is empty' });
  const head = await textAt(file, 0);
  if (head === ENCRYPTED_MAGIC) throw parquetErrors.error('NOT_PARQUET', { what, why: 'it is encrypted' });
  if (head !== MAGIC)
    throw parquetErrors.error('NOT_PARQUET', { what, why: `it begins with ${JSON.stringify(head)}, not "PAR1"` });
  if (stats.size < SMALLEST_FILE || (await textAt(file, stats.size - 4)) !== MAGIC) {
    throw parquetErrors.error('TRUNCATED', { what, why: `its ${stats.size} bytes do not end with a footer` });
  }
  const footerBytes = (await bytesAt(file, stats.size - 8, 4)).readUInt32LE();
  if (footerBytes > stats.size - SMALLEST_FILE) {
    throw parquetErrors.error('CORRUPT', { what, why: `its footer of ${footerBytes} bytes is longer than the file` });
  }
  const footer = await bytesAt(file, stats.size - 8 - footerBytes, footerBytes);
  return { fileBytes: stats.size, footerCrc32: crc32(footer) };
}

async function textAt(file: FileHandle, at: number): Promise<string> {
  return (await bytesAt(file, at, 4)).toString('latin1');
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}

function openingFailure(path: string, cause: unknown) {
  const what = `cannot read "${path}"`;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return parquetErrors.error('FILE_MISSING', { what, why: 'it does not exist', cause });
  if (code === 'EISDIR') return parquetErrors.error('NOT_A_FILE', { what, why: 'it is a folder', cause });
  return parquetErrors.error('UNREADABLE', {
    what,
    why: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
