import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { streamErrors } from '../errors.js';
import { crc32c } from '../log/crc32c.js';
import { syncFolder } from '../log/sync-folder.js';
import type { CommitRecord, CommitRegister, CommittedRecord } from '../ports/commit-register.js';

const FILE = 'commit-register';
const MAGIC = 0x31_47_52_53; // "SRG1"
const HEADER_BYTES = 20;

/**
 * A register in one file of a folder: `u32 magic · u32 CRC-32C of the rest · f64 revision · u32 length · JSON record`,
 * written beside, synced and renamed into place. For one process at a time; between processes a cluster's engine decides.
 * A torn or altered file is refused with `SABOT_STREAM_CHECKPOINT_INVALID`.
 */
export function createLocalCommitRegister(directory: string): CommitRegister {
  const path = join(directory, FILE);
  let queue: Promise<unknown> = Promise.resolve();

  const advance = async (record: CommitRecord, expected: number): Promise<number> => {
    const current = await readRecord(path);
    const revision = current?.revision ?? 0;
    if (revision !== expected) {
      throw streamErrors.error('FENCED', {
        what: `cannot commit epoch ${record.epoch} of job "${record.job}"`,
        why: `the register is at revision ${revision}, not at the expected ${expected}`,
        facts: { revision, expected },
      });
    }
    await writeRecord(directory, path, { record, revision: revision + 1 });
    return revision + 1;
  };

  return {
    read: () => readRecord(path),
    advance(record, expected) {
      const result = queue.then(() => advance(record, expected));
      queue = result.catch(() => undefined);
      return result;
    },
  };
}

async function readRecord(path: string): Promise<CommittedRecord | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole =
    bytes.length >= HEADER_BYTES &&
    view.getUint32(0, true) === MAGIC &&
    view.getUint32(16, true) === bytes.length - HEADER_BYTES &&
    view.getUint32(4, true) === crc32c(bytes, 8);
  if (!whole) {
    throw streamErrors.error('CHECKPOINT_INVALID', {
      what: `cannot read commit register "${path}"`,
      why: 'its length or checksum is not what was written',
    });
  }
  const record = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_BYTES))) as CommitRecord;
  return { record, revision: view.getFloat64(8, true) };
}

async function writeRecord(directory: string, path: string, { record, revision }: CommittedRecord): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(record));
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setFloat64(8, revision, true);
  view.setUint32(16, body.length, true);
  bytes.set(body, HEADER_BYTES);
  view.setUint32(4, crc32c(bytes, 8), true);
  await mkdir(directory, { recursive: true });
  const beside = `${path}.new`;
  await writeSynced(beside, bytes);
  await rename(beside, path);
  await syncFolder(directory);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
