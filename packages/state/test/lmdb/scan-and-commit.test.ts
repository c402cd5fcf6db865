import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LmdbStateStore, openLmdbStateStore } from '../../src/lmdb.js';

const bytes = (text: string) => Buffer.from(text);
const keysOf = (store: LmdbStateStore) => Array.from(store.scan(), ([key]) => Buffer.from(key).toString());

describe('scans of the LMDB store beside commits', () => {
  let folder: string;
  let store: LmdbStateStore;
  let epoch = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-scan-'));
    store = await openLmdbStateStore(folder, { durability: 'none' });
    await store.restore([]);
    epoch = 0;
  });
  afterEach(async () => {
    await store[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function commit(): Promise<void> {
    await store.snapshot(++epoch).confirm();
  }

  it('see the commit in the turn in which it was made, whatever scans were abandoned before', async () => {
    // The demo hung on this: a timer that an old cursor still showed could not be deleted any more.
    for (let round = 0; round < 400; round++) {
      store.scan();
      store.scan()[Symbol.iterator]().next();
      for (const _ of store.scan()) break;
      store.put(bytes(`k${round % 7}`), bytes(String(round)));
      store.delete(bytes(`k${(round + 3) % 7}`));
      await commit();
      const shown = keysOf(store);
      expect(shown).toEqual(shown.filter((key) => store.get(bytes(key)) !== undefined));
      expect(shown).toContain(`k${round % 7}`);
      expect(shown).not.toContain(`k${(round + 3) % 7}`);
    }
  });

  it('keep showing what was there when they began, although two commits change it', async () => {
    for (let n = 0; n < 100; n++) store.put(bytes(`k${100 + n}`), bytes('old'));
    await commit();
    const scan = store.scan()[Symbol.iterator]();
    const seen = [scan.next().value?.[0]];
    for (let n = 0; n < 100; n += 2) store.delete(bytes(`k${100 + n}`));
    store.put(bytes('k150x'), bytes('new'));
    await commit();
    store.put(bytes('k199x'), bytes('newer'));
    await commit();
    for (let step = scan.next(); step.done !== true; step = scan.next()) seen.push(step.value[0]);
    const expected = Array.from({ length: 100 }, (_, n) => `k${100 + n}`);
    expect(seen.map((key) => Buffer.from(key ?? []).toString())).toEqual(expected);
  });

  it('read ranges of any length in order, across the chunks in which they are read', async () => {
    const keys = Array.from({ length: 5000 }, (_, n) => `k${String(n).padStart(5, '0')}`);
    for (const key of keys) store.put(bytes(key), bytes('v'));
    await commit();
    expect(keysOf(store)).toEqual(keys);
    const part = Array.from(store.scan({ from: bytes('k00031'), to: bytes('k02112') }), ([key]) =>
      Buffer.from(key).toString(),
    );
    expect(part).toEqual(keys.slice(31, 2112));
  });
});
