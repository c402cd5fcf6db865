import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppendFile } from '../../src/sinks/append-file.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-append-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** What every file handle of this process inherits its methods from. */
async function handles() {
  const handle = await open(folder, 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as { sync(): Promise<void>; datasync(): Promise<void> };
}

describe('AppendFile', () => {
  it('makes the name of a new file durable with its first bytes, and only then', async () => {
    const synced = vi.spyOn(await handles(), 'sync');
    const file = await AppendFile.open(join(folder, 'out'), undefined);
    await file.append(Uint8Array.of(1, 2));
    expect(synced).toHaveBeenCalledTimes(0);
    await file.sync();
    expect(synced).toHaveBeenCalledTimes(1);
    await file.append(Uint8Array.of(3));
    await file.sync();
    expect(synced).toHaveBeenCalledTimes(1);
    await file.close();
  });

  it('fails a sync that the disk refuses, and counts nothing of it as durable', async () => {
    const file = await AppendFile.open(join(folder, 'out'), undefined);
    const failure = Object.assign(new Error('i/o error'), { code: 'EIO' });
    vi.spyOn(await handles(), 'datasync').mockRejectedValueOnce(failure);
    await file.append(Uint8Array.of(1));
    await expect(file.sync()).rejects.toBe(failure);
    await file.sync();
    expect(file.length).toBe(1);
    await file.close();
  });
});
