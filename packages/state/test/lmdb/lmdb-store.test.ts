import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLmdbStateStore } from '../../src/lmdb.js';
import type { OpenStateStore, StateSnapshotBytes } from '../../src/store/state-store.js';
import { stateStoreConformance } from '../../src/testing/state-store-conformance.js';

let root = '';
let folders = 0;
const newFolder = () => join(root, `lmdb-${folders++}`);
const text = (value: string) => new TextEncoder().encode(value);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sabot-lmdb-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function commit(
  store: OpenStateStore,
  epoch: number,
  entries: Record<string, string>,
): Promise<StateSnapshotBytes> {
  for (const [key, value] of Object.entries(entries)) store.put(text(key), text(value));
  const snapshot = store.snapshot(epoch);
  const bytes = snapshot.bytes();
  await snapshot.confirm();
  return { epoch, bytes };
}

function contentOf(store: OpenStateStore): string {
  return [...store.scan()].map(([key, value]) => `${Buffer.from(key)}=${Buffer.from(value)}`).join(' ');
}

describe('lmdb state store', () => {
  for (const { name, run } of stateStoreConformance('lmdb', (place) => openLmdbStateStore(join(root, place)))) {
    it(name, run);
  }

  it('keeps what was confirmed and nothing else', async () => {
    const folder = newFolder();
    const store = await openLmdbStateStore(folder);
    await commit(store, 4, { a: '1', b: '1' });
    store.put(text('a'), text('2'));
    store.delete(text('b'));
    store.snapshot(5).bytes();
    await store[Symbol.asyncDispose]();
    await using again = await openLmdbStateStore(folder);
    expect(contentOf(again)).toBe('a=1 b=1');
    expect(again.committedEpoch).toBe(4);
    expect(again.stats).toMatchObject({ entries: 2, bytes: 4 });
    expect(() => again.snapshot(4)).toThrow(/SABOT_STATE_EPOCH_ORDER/);
  });

  it('copies nothing when it holds the end of the chain, the rest when it is behind', async () => {
    const folder = newFolder();
    const store = await openLmdbStateStore(folder);
    const chain = [await commit(store, 1, { a: '1' }), await commit(store, 2, { b: '2' })];
    await store.restore(chain);
    expect(store.lastRestore).toBe('kept');
    store.put(text('b'), text('22'));
    store.put(text('c'), text('3'));
    const snapshot = store.snapshot(3);
    chain.push({ epoch: 3, bytes: snapshot.bytes() });
    await store[Symbol.asyncDispose]();
    await using again = await openLmdbStateStore(folder);
    await again.restore(chain);
    expect(again.lastRestore).toBe('caught-up');
    expect(contentOf(again)).toBe('a=1 b=22 c=3');
    expect(again.stats).toMatchObject({ entries: 3, bytes: 7 });
    expect(again.snapshot(4).baseEpoch).toBe(3);
  });

  it('rebuilds when it is ahead of the chain, or of another history with the same epochs', async () => {
    const folder = newFolder();
    const store = await openLmdbStateStore(folder);
    const chain = [await commit(store, 1, { a: '1' })];
    await commit(store, 2, { a: 'uncommitted', b: 'uncommitted' });
    await store.restore(chain);
    expect(store.lastRestore).toBe('rebuilt');
    expect(contentOf(store)).toBe('a=1');
    await using other = await openLmdbStateStore(newFolder());
    await commit(other, 1, { a: 'other' });
    await other.restore(chain);
    expect(other.lastRestore).toBe('rebuilt');
    expect(contentOf(other)).toBe('a=1');
    await store.restore([]);
    expect(store.lastRestore).toBe('emptied');
    expect(contentOf(store)).toBe('');
    expect(store.committedEpoch).toBe(-1);
    await store[Symbol.asyncDispose]();
  });

  it('rebuilds more entries than one transaction takes', { timeout: 60_000 }, async () => {
    await using source = await openLmdbStateStore(newFolder(), { durability: 'none' });
    for (let n = 0; n < 45_000; n++) source.put(text(`key${n}`), text(`value${n}`));
    const chain = [await commit(source, 1, {})];
    source.delete(text('key7'));
    chain.push(await commit(source, 2, { key8: 'new' }));
    await using target = await openLmdbStateStore(newFolder(), { durability: 'none' });
    await target.restore(chain);
    expect(target.stats.entries).toBe(44_999);
    expect(target.stats.bytes).toBe(source.stats.bytes);
    expect(contentOf(target)).toBe(contentOf(source));
  });

  it('is opened once at a time', async () => {
    const folder = newFolder();
    const store = await openLmdbStateStore(folder);
    await expect(openLmdbStateStore(folder)).rejects.toMatchObject({ code: 'SABOT_STATE_STORE_LOCKED' });
    await store[Symbol.asyncDispose]();
    await (await openLmdbStateStore(folder))[Symbol.asyncDispose]();
  });

  it('takes over the lock of a process that is gone, and one that was not written whole', async () => {
    const folder = newFolder();
    await (await openLmdbStateStore(folder))[Symbol.asyncDispose]();
    for (const lock of [
      JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }),
      '{"pid"',
      JSON.stringify({ pid: process.pid, started: '' }),
    ]) {
      await writeFile(join(folder, 'owner.lock'), lock);
      await (await openLmdbStateStore(folder))[Symbol.asyncDispose]();
    }
    await writeFile(join(folder, 'owner.lock'), JSON.stringify({ pid: 1, started: '' }));
    await expect(openLmdbStateStore(folder)).rejects.toThrow(/process 1 has it open/);
  });

  it('refuses a file that is no LMDB file, cut off, or whose record is damaged', { timeout: 60_000 }, async () => {
    const folder = newFolder();
    const store = await openLmdbStateStore(folder);
    for (let n = 0; n < 2000; n++) store.put(text(`key${n}`), text('v'.repeat(100)));
    await commit(store, 1, {});
    await store[Symbol.asyncDispose]();
    const file = join(folder, 'data.mdb');
    const whole = await readFile(file);
    const corrupt = { code: 'SABOT_STATE_STORE_CORRUPT' };
    for (const length of [0, 10, 159, 4096, 5000, 8192, whole.length - 1]) {
      await writeFile(file, whole);
      await truncate(file, length);
      await expect(openLmdbStateStore(folder), `cut to ${length}`).rejects.toMatchObject(corrupt);
    }
    await writeFile(file, Buffer.alloc(whole.length, 'garbage'));
    await expect(openLmdbStateStore(folder)).rejects.toMatchObject(corrupt);
    await writeFile(file, Buffer.from(whole.toString('latin1').replaceAll('"format":1', '"format":9'), 'latin1'));
    await expect(openLmdbStateStore(folder)).rejects.toMatchObject(corrupt);
    await writeFile(file, whole);
    await using again = await openLmdbStateStore(folder);
    expect(again.stats.entries).toBe(2000);
  });

  it('refuses an unknown durability', async () => {
    const options = { durability: 'maybe' as 'none' };
    await expect(openLmdbStateStore(newFolder(), options)).rejects.toMatchObject({
      code: 'SABOT_STATE_STATE_DECLARATION',
    });
  });
});
