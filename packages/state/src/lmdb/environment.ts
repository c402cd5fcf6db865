import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { errorCodeOf, storageFailure } from '../snapshot/storage-failure.js';
import type { Cell } from '../store/ordered-bytes.js';
import type { ScanRange } from '../store/state-store.js';
import { checkDataFile, corruptStore } from './data-file.js';
import { lockFolder } from './folder-lock.js';
import { plainBytes } from './plain-bytes.js';
import { RangeScan } from './range-scan.js';

/** When a confirmed snapshot is on disk: before `confirm` resolves, or when the operating system finds time. */
export type Durability = 'fsync' | 'none';

/** What the folder holds, written in the same transaction as the entries. */
export interface CommittedState {
  readonly format: 1;
  readonly epoch: number;
  /** The id of the snapshot that the entries are; null while a rebuild is under way. */
  readonly id: string | null;
  readonly entries: number;
  readonly bytes: number;
}

type Entries = Iterable<readonly [key: Uint8Array, cell: Cell]>;

const COMMITTED_KEY = Buffer.from('committed');
/** lmdb-js: abortable, synchronous; and without a flush (its `TransactionFlags`, which exist as types only). */
const SYNC_TRANSACTION = 0x01 | 0x02;
const NO_SYNC_FLUSH = 0x1_0000;
const PROBE_BYTES = 65_536;

/** One LMDB environment of one folder, held by this process alone: entries, and what they are. */
export class LmdbEnvironment {
  readonly folder: string;
  private readonly root: RootDatabase<Buffer, Buffer>;
  private readonly entries: Database<Buffer, Buffer>;
  private readonly meta: Database<Buffer, Buffer>;
  private readonly flags: number;
  private readonly unlock: () => void;
  private readonly scans = new Set<WeakRef<RangeScan>>();

  constructor(folder: string, durability: Durability) {
    this.folder = folder;
    this.flags = durability === 'fsync' ? SYNC_TRANSACTION : SYNC_TRANSACTION | NO_SYNC_FLUSH;
    this.unlock = takeFolder(folder);
    try {
      checkDataFile(folder);
      this.root = open<Buffer, Buffer>({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 4, ...binary });
      this.entries = this.root.openDB<Buffer, Buffer>('entries', binary);
      this.meta = this.root.openDB<Buffer, Buffer>('meta', binary);
    } catch (error) {
      this.unlock();
      throw openingFailure(folder, error);
    }
  }

  /** What was committed last; undefined in a new folder. Fails with `STORE_CORRUPT`. */
  committed(): CommittedState | undefined {
    const stored = this.meta.getBinary(COMMITTED_KEY);
    if (stored === undefined) return undefined;
    try {
      return parseCommitted(JSON.parse(stored.toString('utf8')));
    } catch (cause) {
      throw corruptStore(this.folder, 'the record of what it holds is damaged', cause);
    }
  }

  /** Valid until the next call. */
  get(key: Uint8Array): Uint8Array | undefined {
    const found = this.entries.getBinaryFast(key as Buffer);
    return found === undefined ? undefined : plainBytes(found);
  }

  /** The entries of the range as of now, in key order. */
  scan(range: ScanRange): IterableIterator<readonly [key: Uint8Array, cell: Cell]> {
    return new RangeScan(this.entries, range, this.scans);
  }

  /** Writes entries (null: deletes) and what they amount to, in one transaction. Fails with a storage error. */
  commit(entries: Entries, committed: CommittedState, clearFirst = false): void {
    this.settleScans();
    try {
      this.root.transactionSync(() => {
        if (clearFirst) this.entries.clearSync();
        for (const [key, cell] of entries) {
          if (cell === null) this.entries.removeSync(key as Buffer);
          else this.entries.putSync(key as Buffer, cell as Buffer);
        }
        this.meta.putSync(COMMITTED_KEY, Buffer.from(JSON.stringify(committed)));
      }, this.flags);
    } catch (error) {
      throw writingFailure(this.folder, error);
    } finally {
      // What is read next, in this turn too, sees the commit: lmdb-js keeps a read transaction until the turn ends.
      this.root.resetReadTxn();
    }
  }

  async close(): Promise<void> {
    for (const scan of [...this.scans]) scan.deref()?.return();
    this.scans.clear();
    await this.root.close();
    this.unlock();
  }

  /** What is still to be iterated stays as it was when the scan began: scans under way read it before it changes. */
  private settleScans(): void {
    for (const scan of [...this.scans]) scan.deref()?.readRest();
    this.scans.clear();
  }
}

const binary = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const;

function parseCommitted(value: unknown): CommittedState {
  const state = value as CommittedState;
  const numbers = [state.epoch, state.entries, state.bytes].every(Number.isSafeInteger);
  if (state.format !== 1 || !numbers || (state.id !== null && typeof state.id !== 'string')) {
    throw new TypeError(`unknown form: ${JSON.stringify(value)}`);
  }
  return state;
}

function takeFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
    probeRoom(folder);
    return lockFolder(folder);
  } catch (error) {
    throw openingFailure(folder, error);
  }
}

function openingFailure(folder: string, error: unknown): unknown {
  if (isCoded(error)) return error;
  const text = String(error);
  // MDB_INVALID, MDB_CORRUPTED, MDB_VERSION_MISMATCH, MDB_PAGE_NOTFOUND in words.
  if (/not an LMDB|MDB_|corrupt|Invalid|version mismatch|page not found/i.test(text)) {
    return corruptStore(folder, 'LMDB does not accept its files', error);
  }
  return storageFailure(`cannot open the state folder "${folder}"`, error);
}

function writingFailure(folder: string, error: unknown): unknown {
  if (isCoded(error)) return error;
  return storageFailure(`cannot commit to the state folder "${folder}"`, causeOf(folder, error));
}

/** LMDB calls a short write an input/output error; writing ourselves gets the operating system's real reason. */
function causeOf(folder: string, error: unknown): unknown {
  if (errorCodeOf(error) !== 'EIO') return error;
  try {
    probeRoom(folder);
    return error;
  } catch (reason) {
    return reason;
  }
}

/** Fails as the operating system does unless a few pages can be written: without them LMDB faults instead of failing. */
function probeRoom(folder: string): void {
  const path = join(folder, '.room-probe');
  try {
    const file = openSync(path, 'w');
    try {
      const pages = Buffer.alloc(PROBE_BYTES);
      for (let at = 0; at < pages.length; ) at += writeSync(file, pages, at);
    } finally {
      closeSync(file);
    }
  } finally {
    rmSync(path, { force: true });
  }
}

function isCoded(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SABOT_');
}
