import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalSnapshotStore } from '../../src/snapshot/local-snapshot-store.js';
import { createMemorySnapshotStore } from '../../src/snapshot/memory-snapshot-store.js';
import { snapshotStoreConformance } from '../../src/testing/snapshot-store-conformance.js';

let root = '';
let folders = 0;
const newFolder = () => join(root, `store-${folders++}`);
const text = (value: string) => new TextEncoder().encode(value);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sabot-snapshots-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('memory snapshot store', () => {
  for (const { name, run } of snapshotStoreConformance('memory', createMemorySnapshotStore)) it(name, run);
});

describe('local snapshot store', () => {
  for (const { name, run } of snapshotStoreConformance('local', () => createLocalSnapshotStore(newFolder())))
    it(name, run);

  it('is read by another store of the same folder', async () => {
    const folder = newFolder();
    await createLocalSnapshotStore(folder).put('job/epoch-1', text('x'));
    const other = createLocalSnapshotStore(folder);
    expect(await other.list('')).toEqual(['job/epoch-1']);
    expect(Buffer.from(await other.get('job/epoch-1')).toString()).toBe('x');
  });

  it('refuses a file cut at any length, and one with any flipped byte', async () => {
    const folder = newFolder();
    const store = createLocalSnapshotStore(folder);
    await store.put('x', text('some content'));
    const path = join(folder, 'x');
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole);
      await truncate(path, length);
      await expect(store.get('x')).rejects.toMatchObject({ code: 'SABOT_STATE_SNAPSHOT_CORRUPT' });
    }
    for (let at = 0; at < whole.length; at++) {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] as number) ^ 0x10;
      await writeFile(path, altered);
      await expect(store.get('x')).rejects.toMatchObject({ code: 'SABOT_STATE_SNAPSHOT_CORRUPT' });
    }
  });

  it('leaves no unfinished file behind, and removes old ones of processes that are gone', async () => {
    const folder = newFolder();
    await createLocalSnapshotStore(folder).put('x', text('1'));
    const unfinished = join(folder, '.unfinished');
    expect(await readdir(unfinished)).toEqual([]);
    await writeFile(join(unfinished, 'young'), 'half');
    await writeFile(join(unfinished, 'old'), 'half');
    await utimes(join(unfinished, 'old'), 1, 1);
    await createLocalSnapshotStore(folder).put('y', text('1'));
    expect(await readdir(unfinished)).toEqual(['young']);
    expect(await createLocalSnapshotStore(folder).list('')).toEqual(['x', 'y']);
  });

  it('says that a file stands where its folder should be', async () => {
    const path = newFolder();
    await writeFile(path, 'a file');
    const store = createLocalSnapshotStore(path);
    await expect(store.put('x', text('1'))).rejects.toMatchObject({ code: 'SABOT_STATE_STORAGE_FAILED' });
    await expect(store.list('')).rejects.toMatchObject({ code: 'SABOT_STATE_STORAGE_FAILED' });
  });
});
