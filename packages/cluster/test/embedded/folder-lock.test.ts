import { mkdtemp, readdir, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/embedded/folder-lock.js';
import { livenessOf, ownIdentity } from '../../src/embedded/process-identity.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('folder lock', () => {
  it('lets one hold the folder, names it to the others, and is free after release', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_ENGINE_LOCKED',
      what: `cannot open the engine in "${folder}"`,
      why: `process ${process.pid} is using it`,
    });
    await lock.release();
    await (await lockFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('never lets two of many contenders hold it', async () => {
    for (let round = 0; round < 4; round++) {
      const tries = await Promise.allSettled(Array.from({ length: 4 }, () => lockFolder(folder)));
      const held = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(held.length).toBeLessThanOrEqual(1);
      for (const lock of held) await lock.release();
      expect(await readdir(folder)).toEqual([]);
    }
  }, 30_000);

  it('takes over from a dead process, also when its number belongs to another process by now', async () => {
    const { place } = ownIdentity();
    await writeFile(join(folder, `owner-999999999-5-${place}-000000000000`), '');
    // Alive, but began at another time: the number was given out again.
    await writeFile(join(folder, `owner-${process.ppid}-5-${place}-000000000001`), '');
    const lock = await lockFolder(folder);
    expect(await readdir(folder)).toHaveLength(1);
    await lock.release();
  });

  it('takes over from another machine or container only when its owner file is not touched any more', async () => {
    const foreign = join(folder, `owner-1-5-ffffffffffffffff-000000000000`);
    await writeFile(foreign, '');
    const touching = setInterval(() => void utimes(foreign, new Date(), new Date()), 100);
    await expect(lockFolder(folder, { foreignTimeoutMs: 800 })).rejects.toMatchObject({
      why: expect.stringContaining('on another machine or in another container'),
    });
    clearInterval(touching);
    const lock = await lockFolder(folder, { foreignTimeoutMs: 800 });
    await lock.release();
  }, 20_000);

  it('tells its holder when the owner file was removed', async () => {
    const lost = new Promise<Error>((resolve) => {
      void lockFolder(folder, { touchEveryMs: 20, onLost: resolve });
    });
    while ((await readdir(folder)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const file of await readdir(folder)) await unlink(join(folder, file));
    expect(await lost).toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_LOCK_LOST' });
  });

  it('knows its own process as alive', () => {
    expect(livenessOf(ownIdentity())).toBe('alive');
    expect(livenessOf({ ...ownIdentity(), startedAt: '1' })).toBe('dead');
    expect(livenessOf({ ...ownIdentity(), place: 'elsewhere' })).toBe('unknown');
  });
});
