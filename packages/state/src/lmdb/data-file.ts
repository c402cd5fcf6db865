import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { stateErrors } from '../errors.js';
import { errorCodeOf } from '../snapshot/storage-failure.js';

/**
 * LMDB maps its file into memory: reading behind the end of a file that was cut kills the process. So its two meta pages
 * are read first, as lmdb-js 3 lays them out (little-endian):
 * at 24 the magic number, at 28 the version, at 48 the page size, at 144 the last page, at 152 the transaction.
 */
const MAGIC = 0xbeefc0de;
const META_BYTES = 160;
const MIN_PAGE_SIZE = 512;
const MAX_PAGE_SIZE = 65_536;

interface MetaPage {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
}

/** Fails with `STORE_CORRUPT` when the folder's LMDB file is no LMDB file or lacks pages; an absent file is a new store. */
export function checkDataFile(folder: string): void {
  const path = join(folder, 'data.mdb');
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const why = problemOf(file);
    if (why !== undefined) throw corruptStore(folder, why);
  } finally {
    closeSync(file);
  }
}

function problemOf(file: number): string | undefined {
  const { size } = fstatSync(file);
  const first = readMeta(file, 0);
  if (first === undefined) return 'data.mdb is no LMDB file';
  if (first.pageSize < MIN_PAGE_SIZE || first.pageSize > MAX_PAGE_SIZE) return 'data.mdb has an impossible page size';
  const second = readMeta(file, first.pageSize);
  if (second === undefined) return 'data.mdb is cut off or damaged in its second page';
  const newest = second.transaction > first.transaction ? second : first;
  const needed = (newest.lastPage + 1) * first.pageSize;
  return size < needed ? `data.mdb has ${size} bytes, its last transaction needs ${needed}` : undefined;
}

function readMeta(file: number, at: number): MetaPage | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(file, page, 0, META_BYTES, at) < META_BYTES || page.readUInt32LE(24) !== MAGIC) return undefined;
  return { pageSize: page.readUInt32LE(48), lastPage: readU53(page, 144), transaction: readU53(page, 152) };
}

function readU53(page: Buffer, at: number): number {
  return page.readUInt32LE(at) + page.readUInt32LE(at + 4) * 0x1_0000_0000;
}

/** The failure of opening a damaged store. */
export function corruptStore(folder: string, why: string, cause?: unknown) {
  return stateErrors.error('STORE_CORRUPT', { what: `cannot open the state folder "${folder}"`, why, cause });
}
