import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLmdbStateStore } from '../../src/lmdb.js';
import { createLocalSnapshotStore } from '../../src/snapshot/local-snapshot-store.js';
import { buildCrashProcess } from './built-process.js';

const NOBODY = 65_534;
let root = '';
let program = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sabot-limits-'));
  await chmod(root, 0o755);
  program = await buildCrashProcess('limits-test');
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** Runs the committing process where no file may exceed a size, until it fails; returns what it said. */
async function saidUnderLimit(folder: string, kilobytes: number): Promise<string> {
  const command = `ulimit -f ${kilobytes}; exec "$0" "$1" "$2" record-first`;
  const child = spawn('bash', ['-c', command, process.execPath, program, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  await once(child, 'close');
  expect(child.exitCode).toBe(1);
  return said;
}

/** Runs as a user who may not write everywhere, also where tests run as root. */
async function asNobody(action: () => Promise<void>): Promise<void> {
  const root = process.getuid?.() === 0;
  if (root) process.seteuid?.(NOBODY);
  try {
    await action();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

describe.skipIf(process.platform === 'win32')('when storage gives out', () => {
  it('LMDB says that the disk is full, and goes on from the last confirmed epoch with more room', {
    timeout: 60_000,
  }, async () => {
    const folder = join(root, 'full');
    await mkdir(folder);
    const said = await saidUnderLimit(folder, 80);
    expect(said).toMatch(
      /cannot commit to the state folder ".*store": (EFBIG|File too large).*\[SABOT_STATE_STORAGE_FULL\]/,
    );
    await using store = await openLmdbStateStore(join(folder, 'store'));
    expect(store.committedEpoch).toBeGreaterThan(0);
    store.put(Buffer.from('a'), new Uint8Array(100_000));
    await store.snapshot(1000).confirm();
    expect(store.committedEpoch).toBe(1000);
  });

  it('LMDB says that the disk is full when it cannot even be opened', async () => {
    const folder = join(root, 'tiny');
    await mkdir(folder);
    expect(await saidUnderLimit(folder, 4)).toMatch(/cannot open the state folder .*\[SABOT_STATE_STORAGE_FULL\]/);
  });

  it('says that a folder is read-only', async () => {
    const folder = join(root, 'read-only');
    await mkdir(folder);
    await chmod(folder, 0o555);
    await asNobody(async () => {
      await expect(openLmdbStateStore(folder)).rejects.toMatchObject({ code: 'SABOT_STATE_STORAGE_READ_ONLY' });
      await expect(openLmdbStateStore(join(folder, 'new'))).rejects.toThrow(
        /cannot open the state folder ".*new": EACCES/,
      );
      const snapshots = createLocalSnapshotStore(join(folder, 'snapshots'));
      await expect(snapshots.put('x', new Uint8Array(1))).rejects.toMatchObject({
        code: 'SABOT_STATE_STORAGE_READ_ONLY',
      });
    });
  });
});
