import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { ByteWriter } from '../bytes/byte-writer.js';
import { crc32c } from '../bytes/crc32c.js';
import { stateErrors } from '../errors.js';
import { checkSnapshotName, snapshotExists, snapshotMissing } from './snapshot-name.js';
import type { SnapshotStore } from './snapshot-store.js';
import { errorCodeOf, storageFailure } from './storage-failure.js';

/** After the content: its length (8 bytes), its CRC-32C (4), `SBSF` (4); little-endian. */
const TRAILER_BYTES = 16;
const TRAILER_MAGIC = 0x46534253; // "SBSF"
/** Unfinished files live here; segments of names never begin with a dot. */
const UNFINISHED = '.unfinished';
/** An unfinished file this old is of a process that is gone. */
const UNFINISHED_MAX_AGE_MS = 3_600_000;

/**
 * A snapshot store in a folder: what `put` resolved is on disk (written aside, fsynced, linked into place, folder
 * fsynced) and is verified when read.
 *
 * Fails with `SABOT_STATE_SNAPSHOT_NAME`, `_SNAPSHOT_EXISTS`, `_SNAPSHOT_MISSING`, `_SNAPSHOT_CORRUPT`,
 * `_STORAGE_READ_ONLY`, `_STORAGE_FULL` and `_STORAGE_FAILED`.
 */
export function createLocalSnapshotStore(folder: string): SnapshotStore {
  return new LocalSnapshotStore(resolve(folder));
}

class LocalSnapshotStore implements SnapshotStore {
  private readonly folder: string;
  private prepared: Promise<void> | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.pathOf(name);
    const unfinished = join(this.folder, UNFINISHED, randomUUID());
    try {
      await this.prepare();
      await makeFolder(dirname(path));
      await writeDurably(unfinished, bytes);
      if (!(await this.place(unfinished, path))) await this.expectSame(name, bytes);
      await syncFolder(dirname(path));
    } catch (error) {
      // A preparation that failed (a full disk) may succeed the next time.
      this.prepared = undefined;
      throw storageError(`cannot write the snapshot "${name}" in "${this.folder}"`, error);
    } finally {
      await rm(unfinished, { force: true }).catch(() => undefined);
    }
  }

  async get(name: string): Promise<Uint8Array> {
    const path = this.pathOf(name);
    let file: Buffer;
    try {
      file = await readFile(path);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') throw snapshotMissing(name);
      throw storageFailure(`cannot read the snapshot "${name}" in "${this.folder}"`, error);
    }
    return verified(name, file);
  }

  async list(prefix: string): Promise<readonly string[]> {
    try {
      const files = await readdir(this.folder, { recursive: true, withFileTypes: true });
      return files
        .filter((file) => file.isFile())
        .map((file) =>
          join(file.parentPath, file.name)
            .slice(this.folder.length + 1)
            .replaceAll(sep, '/'),
        )
        .filter((name) => name.startsWith(prefix) && !name.startsWith('.'))
        .sort();
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return [];
      throw storageFailure(`cannot list the snapshots in "${this.folder}"`, error);
    }
  }

  async delete(name: string): Promise<void> {
    try {
      await rm(this.pathOf(name), { force: true });
    } catch (error) {
      throw storageError(`cannot delete the snapshot "${name}" in "${this.folder}"`, error);
    }
  }

  private pathOf(name: string): string {
    checkSnapshotName(name);
    return join(this.folder, ...name.split('/'));
  }

  private prepare(): Promise<void> {
    this.prepared ??= prepareFolder(join(this.folder, UNFINISHED));
    return this.prepared;
  }

  /** False when the name is taken: a link never replaces, unlike a rename. */
  private async place(unfinished: string, path: string): Promise<boolean> {
    try {
      await link(unfinished, path);
      return true;
    } catch (error) {
      const code = errorCodeOf(error);
      if (code === 'EEXIST') return false;
      // File systems without hard links (FAT, some network shares): rename, which needs the name checked first.
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
      if (await exists(path)) return false;
      await rename(unfinished, path);
      return true;
    }
  }

  private async expectSame(name: string, bytes: Uint8Array): Promise<void> {
    // The same bytes again: a retry of a write whose answer was lost.
    if (Buffer.compare(await this.get(name), bytes) !== 0) throw snapshotExists(name);
  }
}

async function prepareFolder(unfinished: string): Promise<void> {
  await makeFolder(unfinished);
  const oldest = Date.now() - UNFINISHED_MAX_AGE_MS;
  for (const name of await readdir(unfinished)) {
    const path = join(unfinished, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < oldest) await rm(path, { force: true });
  }
}

/** Makes a folder and its parents, each of them durable. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await writeFully(file, bytes);
    await writeFully(file, trailerOf(bytes));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

function trailerOf(bytes: Uint8Array): Uint8Array {
  const writer = new ByteWriter(TRAILER_BYTES);
  writer.u53(bytes.length);
  writer.u32(crc32c(bytes));
  writer.u32(TRAILER_MAGIC);
  return writer.buffer;
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no fsync of folders: its rename and link are journalled by the file system.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function verified(name: string, file: Buffer): Uint8Array {
  const length = file.length - TRAILER_BYTES;
  const why = problemOf(file, length);
  if (why !== undefined)
    throw stateErrors.error('SNAPSHOT_CORRUPT', { what: `cannot read the snapshot "${name}"`, why });
  return new Uint8Array(file.buffer, file.byteOffset, length);
}

function problemOf(file: Buffer, length: number): string | undefined {
  if (length < 0 || file.readUInt32LE(length + 12) !== TRAILER_MAGIC) return 'the file is cut off or is no snapshot';
  const written = file.readUInt32LE(length) + file.readUInt32LE(length + 4) * 0x1_0000_0000;
  if (written !== length) return `the file holds ${length} bytes, ${written} were written`;
  return crc32c(file, 0, length) === file.readUInt32LE(length + 8)
    ? undefined
    : 'its checksum does not match its content';
}

function storageError(what: string, error: unknown): unknown {
  return errorCodeOf(error).startsWith('SABOT_') ? error : storageFailure(what, error);
}
