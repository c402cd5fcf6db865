import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { stateErrors } from '../errors.js';
import type { OpenStateStore, StateSnapshotBytes } from '../store/state-store.js';
import { MAX_KEY_BYTES } from '../store/store-key.js';
import { type ConformanceCase, expectCode, textOf, utf8 } from './conformance-case.js';

/** Opens a store; the same place later gives what was confirmed there, if the store is persistent. */
export type OpenPlace = (place: string) => Promise<OpenStateStore>;

type Rule = readonly [name: string, check: (open: (place?: string) => Promise<OpenStateStore>) => Promise<void>];

let places = 0;

/** The rules of `StateStore`; `open` is given a new place for each store, and an old one to open it again. */
export function stateStoreConformance(name: string, open: OpenPlace): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({
    name: `${name} ${rule}`,
    run: async () => {
      const opened: OpenStateStore[] = [];
      try {
        await check(async (place = `place-${places++}`) => {
          const store = await open(place);
          opened.push(store);
          return store;
        });
      } finally {
        for (const store of opened) await store[Symbol.asyncDispose]();
      }
    },
  }));
}

const rules: readonly Rule[] = [
  [
    'gives back what was put, in place of what was there',
    async (open) => {
      const store = await open();
      strictEqual(store.get(utf8('a')), undefined);
      store.put(utf8('a'), utf8('1'));
      store.put(utf8('a'), utf8('22'));
      store.put(utf8('b'), utf8(''));
      strictEqual(textOf(store.get(utf8('a'))), '22');
      strictEqual(textOf(store.get(utf8('b'))), '');
    },
  ],
  [
    'gives plain bytes, whose slices are copies, before and after a commit',
    async (open) => {
      const store = await open();
      store.put(utf8('a'), utf8('1'));
      store.put(utf8('b'), utf8(''));
      for (let round = 0; round < 2; round++) {
        const given = [store.get(utf8('a')), store.get(utf8('b')), ...Array.from(store.scan()).flat()];
        strictEqual(given.length, 6);
        for (const bytes of given) strictEqual(Object.getPrototypeOf(bytes), Uint8Array.prototype);
        await commit(store, round + 1);
      }
    },
  ],
  [
    'copies keys and values, also those of a Buffer',
    async (open) => {
      const store = await open();
      for (const [key, value] of [
        [utf8('key'), utf8('value')],
        [Buffer.from('buffer key'), Buffer.from('buffer value')],
      ] as const) {
        store.put(key, value);
        key.fill(0);
        value.fill(0);
      }
      strictEqual(contentOf(store), 'buffer key=buffer value key=value');
      const deleted = Buffer.from('key');
      const chain = [await commit(store, 1)];
      store.delete(deleted);
      deleted.fill(0);
      chain.push(await commit(store, 2));
      const other = await open();
      await other.restore(chain);
      strictEqual(contentOf(other), 'buffer key=buffer value');
    },
  ],
  [
    'says whether a deleted key was there',
    async (open) => {
      const store = await open();
      store.put(utf8('a'), utf8('1'));
      strictEqual(store.delete(utf8('a')), true);
      strictEqual(store.delete(utf8('a')), false);
      strictEqual(store.get(utf8('a')), undefined);
    },
  ],
  [
    'refuses empty and too long keys',
    async (open) => {
      const store = await open();
      const code = stateErrors.code('KEY_SIZE');
      await expectCode(code, () => store.put(new Uint8Array(0), utf8('1')));
      await expectCode(code, () => store.put(new Uint8Array(MAX_KEY_BYTES + 1), utf8('1')));
      store.put(new Uint8Array(MAX_KEY_BYTES).fill(255), utf8('long'));
      await commit(store, 1);
      strictEqual(textOf(store.get(new Uint8Array(MAX_KEY_BYTES).fill(255))), 'long');
      strictEqual(store.get(new Uint8Array(0)), undefined);
      strictEqual(store.get(new Uint8Array(MAX_KEY_BYTES + 1)), undefined);
      strictEqual(store.delete(new Uint8Array(MAX_KEY_BYTES + 1)), false);
    },
  ],
  [
    'scans in the order of unsigned bytes, a prefix first',
    async (open) => {
      const store = await open();
      const keys = [[0], [0, 0], [0, 1], [1], [127], [128], [255], [255, 0], [255, 255]];
      for (const key of [...keys].reverse()) store.put(Uint8Array.from(key), Uint8Array.from(key));
      deepStrictEqual(
        [...store.scan()].map(([key]) => [...key]),
        keys,
      );
      await commit(store, 1);
      deepStrictEqual(
        [...store.scan()].map(([key]) => [...key]),
        keys,
      );
    },
  ],
  [
    'scans from inclusive to exclusive',
    async (open) => {
      const store = await open();
      for (const key of ['a', 'b', 'c', 'd']) store.put(utf8(key), utf8(key));
      strictEqual(keysOf(store.scan({ from: utf8('b'), to: utf8('d') })), 'b c');
      strictEqual(keysOf(store.scan({ from: utf8('bb') })), 'c d');
      strictEqual(keysOf(store.scan({ to: utf8('b') })), 'a');
      strictEqual(keysOf(store.scan({ from: utf8('c'), to: utf8('b') })), '');
      strictEqual(keysOf(store.scan({ from: utf8('b'), to: utf8('b') })), '');
    },
  ],
  [
    'does not show writes to a scan under way',
    async (open) => {
      const store = await open();
      for (const key of ['a', 'c', 'e', 'g']) store.put(utf8(key), utf8('old'));
      await commit(store, 1);
      store.put(utf8('i'), utf8('old'));
      const seen: string[] = [];
      for (const [key, value] of store.scan()) {
        seen.push(`${textOf(key)}=${textOf(value)}`);
        if (seen.length > 1) continue;
        for (const written of ['b', 'c', 'i', 'z']) store.put(utf8(written), utf8('new'));
        store.delete(utf8('e'));
        store.delete(utf8('g'));
        store.put(utf8('g'), utf8('new'));
      }
      deepStrictEqual(seen, ['a=old', 'c=old', 'e=old', 'g=old', 'i=old']);
      strictEqual(keysOf(store.scan()), 'a b c g i z');
    },
  ],
  [
    'counts operations, entries and bytes',
    async (open) => {
      const store = await open();
      store.put(utf8('ab'), utf8('123'));
      store.put(utf8('ab'), utf8('1'));
      store.put(utf8('c'), utf8(''));
      store.get(utf8('c'));
      store.delete(utf8('none'));
      keysOf(store.scan());
      deepStrictEqual({ ...store.stats }, { gets: 1, puts: 3, deletes: 1, scans: 1, entries: 2, bytes: 4 });
      await commit(store, 1);
      store.delete(utf8('ab'));
      deepStrictEqual([store.stats.entries, store.stats.bytes], [1, 1]);
    },
  ],
  [
    'restores a full snapshot and its deltas into another store',
    async (open) => {
      const store = await open();
      const chain: StateSnapshotBytes[] = [];
      store.put(utf8('kept'), utf8('1'));
      store.put(utf8('gone'), utf8('1'));
      chain.push(await commit(store, 1));
      store.delete(utf8('gone'));
      store.put(utf8('added'), utf8('2'));
      chain.push(await commit(store, 2));
      chain.push(await commit(store, 5));
      store.put(utf8('uncommitted'), utf8('3'));
      const other = await open();
      other.put(utf8('leftover'), utf8('x'));
      await other.restore(chain);
      strictEqual(contentOf(other), 'added=2 kept=1');
      deepStrictEqual([other.stats.entries, other.stats.bytes], [2, 11]);
    },
  ],
  [
    'goes on from a restored chain with deltas',
    async (open) => {
      const store = await open();
      store.put(utf8('a'), utf8('1'));
      const chain = [await commit(store, 1)];
      const second = await open();
      await second.restore(chain);
      second.put(utf8('b'), utf8('2'));
      const snapshot = second.snapshot(2);
      strictEqual(snapshot.baseEpoch, 1);
      chain.push({ epoch: 2, bytes: snapshot.bytes() });
      await snapshot.confirm();
      const third = await open();
      await third.restore(chain);
      strictEqual(contentOf(third), 'a=1 b=2');
    },
  ],
  [
    'freezes a snapshot: later writes are not in it',
    async (open) => {
      const store = await open();
      store.put(utf8('a'), utf8('1'));
      const snapshot = store.snapshot(1);
      store.put(utf8('a'), utf8('2'));
      store.put(utf8('b'), utf8('2'));
      const chain = [{ epoch: 1, bytes: snapshot.bytes() }];
      await snapshot.confirm();
      strictEqual(contentOf(store), 'a=2 b=2');
      const other = await open();
      await other.restore(chain);
      strictEqual(contentOf(other), 'a=1');
    },
  ],
  [
    'puts the changes of an abandoned snapshot into the next one',
    async (open) => {
      const store = await open();
      store.put(utf8('a'), utf8('1'));
      store.put(utf8('gone'), utf8('1'));
      const chain = [await commit(store, 1)];
      store.put(utf8('a'), utf8('2'));
      store.put(utf8('b'), utf8('2'));
      store.delete(utf8('gone'));
      const abandoned = store.snapshot(2);
      store.put(utf8('a'), utf8('3'));
      abandoned.abandon();
      strictEqual(contentOf(store), 'a=3 b=2');
      const next = store.snapshot(3);
      strictEqual(next.baseEpoch, 1);
      chain.push({ epoch: 3, bytes: next.bytes() });
      await next.confirm();
      const other = await open();
      await other.restore(chain);
      strictEqual(contentOf(other), 'a=3 b=2');
    },
  ],
  [
    'refuses a second snapshot while one is unsettled, an old epoch, and a settled snapshot',
    async (open) => {
      const store = await open();
      const snapshot = store.snapshot(3);
      await expectCode(stateErrors.code('SNAPSHOT_PENDING'), () => store.snapshot(4));
      await snapshot.confirm();
      await expectCode(stateErrors.code('SNAPSHOT_SETTLED'), () => snapshot.bytes());
      await expectCode(stateErrors.code('SNAPSHOT_SETTLED'), () => snapshot.confirm());
      await expectCode(stateErrors.code('SNAPSHOT_SETTLED'), () => snapshot.abandon());
      await expectCode(stateErrors.code('EPOCH_ORDER'), () => store.snapshot(3));
      await expectCode(stateErrors.code('EPOCH_ORDER'), () => store.snapshot(3.5));
    },
  ],
  [
    'refuses broken chains and keeps its content then',
    async (open) => {
      const store = await open();
      store.put(utf8('a'), utf8('1'));
      const first = await commit(store, 1);
      store.put(utf8('b'), utf8('1'));
      const second = await commit(store, 2);
      store.put(utf8('c'), utf8('1'));
      const third = await commit(store, 3);
      const target = await open();
      target.put(utf8('mine'), utf8('1'));
      const broken = stateErrors.code('CHAIN_BROKEN');
      await expectCode(broken, () => target.restore([second]));
      await expectCode(broken, () => target.restore([first, third]));
      await expectCode(broken, () => target.restore([first, { epoch: 7, bytes: second.bytes }]));
      const altered = second.bytes.slice();
      altered[70] = (altered[70] as number) ^ 1;
      const corrupt = stateErrors.code('SNAPSHOT_CORRUPT');
      await expectCode(corrupt, () => target.restore([first, { epoch: 2, bytes: altered }]));
      await expectCode(corrupt, () => target.restore([{ epoch: 1, bytes: first.bytes.subarray(0, -3) }]));
      strictEqual(contentOf(target), 'mine=1');
      await target.restore([]);
      strictEqual(contentOf(target), '');
    },
  ],
  [
    'refuses a chain whose delta was made on another history of the same epochs',
    async (open) => {
      const one = await open();
      one.put(utf8('a'), utf8('one'));
      const oneFull = await commit(one, 1);
      const two = await open();
      two.put(utf8('a'), utf8('two'));
      await commit(two, 1);
      two.put(utf8('b'), utf8('two'));
      const twoDelta = await commit(two, 2);
      const target = await open();
      await expectCode(stateErrors.code('CHAIN_BROKEN'), () => target.restore([oneFull, twoDelta]));
    },
  ],
  [
    'makes a full snapshot again after at most 64 deltas',
    async (open) => {
      const store = await open();
      let fulls = 0;
      for (let epoch = 1; epoch <= 66; epoch++) {
        store.put(utf8(`key${epoch}`), utf8('value'));
        const snapshot = store.snapshot(epoch);
        snapshot.bytes();
        if (snapshot.baseEpoch === null) fulls++;
        await snapshot.confirm();
      }
      strictEqual(fulls >= 2, true);
    },
  ],
  [
    'refuses every use after it has been closed, and may be closed twice',
    async (open) => {
      const store = await open();
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      const code = stateErrors.code('STORE_CLOSED');
      await expectCode(code, () => store.get(utf8('a')));
      await expectCode(code, () => store.put(utf8('a'), utf8('1')));
      await expectCode(code, () => store.delete(utf8('a')));
      await expectCode(code, () => store.scan());
      await expectCode(code, () => store.snapshot(1));
      await expectCode(code, () => store.restore([]));
    },
  ],
];

async function commit(store: OpenStateStore, epoch: number): Promise<StateSnapshotBytes> {
  const snapshot = store.snapshot(epoch);
  const bytes = snapshot.bytes();
  await snapshot.confirm();
  return { epoch, bytes };
}

function keysOf(entries: Iterable<readonly [Uint8Array, Uint8Array]>): string {
  return [...entries].map(([key]) => textOf(key)).join(' ');
}

function contentOf(store: OpenStateStore): string {
  return [...store.scan()].map(([key, value]) => `${textOf(key)}=${textOf(value)}`).join(' ');
}
