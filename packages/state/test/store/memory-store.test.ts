import { describe, expect, it } from 'vitest';
import { createMemoryStateStore } from '../../src/store/memory-store.js';
import { stateStoreConformance } from '../../src/testing/state-store-conformance.js';

const text = (value: string) => new TextEncoder().encode(value);

describe('memory state store', () => {
  for (const { name, run } of stateStoreConformance('memory', async () => createMemoryStateStore())) it(name, run);

  it('takes full snapshots only, with maxDeltas 0', async () => {
    const store = createMemoryStateStore({ maxDeltas: 0 });
    for (const epoch of [1, 2, 3]) {
      const snapshot = store.snapshot(epoch);
      snapshot.bytes();
      expect(snapshot.baseEpoch).toBeNull();
      await snapshot.confirm();
    }
  });

  it('starts a new chain when nobody took the bytes of the last snapshot', async () => {
    const store = createMemoryStateStore();
    await store.snapshot(1).confirm();
    expect(store.snapshot(2).baseEpoch).toBeNull();
  });

  it('stops tracking changes when they outnumber the entries, and takes a full snapshot then', async () => {
    const store = createMemoryStateStore();
    const first = store.snapshot(1);
    first.bytes();
    await first.confirm();
    for (let n = 0; n < 5000; n++) {
      store.put(text(`k${n}`), text('x'));
      store.delete(text(`k${n}`));
    }
    expect(store.snapshot(2).baseEpoch).toBeNull();
  });

  it('gives the same bytes for the same history', async () => {
    const history = async () => {
      const store = createMemoryStateStore();
      const all: string[] = [];
      for (let epoch = 1; epoch <= 4; epoch++) {
        for (let n = 0; n < 50; n++) store.put(text(`k${(n * 7 * epoch) % 60}`), text(`${epoch}/${n}`));
        const snapshot = store.snapshot(epoch);
        all.push(Buffer.from(snapshot.bytes()).toString('hex'));
        await snapshot.confirm();
      }
      return all;
    };
    expect(await history()).toEqual(await history());
  });

  it('refuses a negative maxDeltas', () => {
    expect(() => createMemoryStateStore({ maxDeltas: -1 })).toThrow(/SABOT_STATE_STATE_DECLARATION/);
  });
});
