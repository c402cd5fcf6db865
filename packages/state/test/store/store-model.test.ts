import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openLmdbStateStore } from '../../src/lmdb.js';
import { createMemoryStateStore } from '../../src/store/memory-store.js';
import type { StateSnapshot } from '../../src/store/state-snapshot.js';
import type { OpenStateStore, StateSnapshotBytes } from '../../src/store/state-store.js';

const root = mkdtempSync(join(tmpdir(), 'sabot-model-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Content = ReadonlyMap<string, string>;

/** What a user of a store knows: the content now, the committed chain and content, and one unsettled snapshot. */
class Model {
  live = new Map<string, string>();
  committed: Content = new Map();
  chain: StateSnapshotBytes[] = [];
  pending: { readonly snapshot: StateSnapshot; readonly bytes: Uint8Array; readonly content: Content } | undefined;
  epoch = 0;

  sorted(from?: string, to?: string): readonly (readonly [string, string])[] {
    return [...this.live]
      .filter(([key]) => (from === undefined || key >= from) && (to === undefined || key < to))
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }
}

interface Subject {
  store: OpenStateStore;
  /** Closes without settling anything and opens again. */
  reopen(): Promise<OpenStateStore>;
}

type Command = (model: Model, subject: Subject) => Promise<void>;

// Latin-1 text stands for bytes: comparing it compares unsigned bytes.
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const key = fc.oneof(
  fc.constantFrom('\x00', '\x00\x00', 'a', 'ab', 'b', '\xff', '\xff\xff', 'abc'),
  fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => textOf(bytes)),
);
const value = fc.uint8Array({ maxLength: 6 }).map((bytes) => textOf(bytes));

const put = fc.tuple(key, value).map(
  ([k, v]): Command =>
    async (model, { store }) => {
      store.put(bytesOf(k), bytesOf(v));
      model.live.set(k, v);
    },
);

const remove = key.map(
  (k): Command =>
    async (model, { store }) => {
      expect(store.delete(bytesOf(k))).toBe(model.live.delete(k));
    },
);

const get = key.map(
  (k): Command =>
    async (model, { store }) => {
      const found = store.get(bytesOf(k));
      expect(found === undefined ? undefined : textOf(found)).toBe(model.live.get(k));
    },
);

const scan = fc.tuple(fc.option(key, { nil: undefined }), fc.option(key, { nil: undefined })).map(
  ([from, to]): Command =>
    async (model, { store }) => {
      const range = {
        ...(from === undefined ? {} : { from: bytesOf(from) }),
        ...(to === undefined ? {} : { to: bytesOf(to) }),
      };
      expect([...store.scan(range)].map(([k, v]) => [textOf(k), textOf(v)])).toEqual(model.sorted(from, to));
    },
);

/** A scan into which writes are mixed shows the state as of its beginning. */
const scanAndWrite = fc.array(fc.tuple(key, fc.option(value)), { maxLength: 6 }).map(
  (writes): Command =>
    async (model, { store }) => {
      const expected = model.sorted();
      const seen: (readonly [string, string])[] = [];
      const left = [...writes];
      for (const [k, v] of store.scan()) {
        seen.push([textOf(k), textOf(v)]);
        const write = left.shift();
        if (write === undefined) continue;
        const [written, content] = write;
        if (content === null) {
          store.delete(bytesOf(written));
          model.live.delete(written);
        } else {
          store.put(bytesOf(written), bytesOf(content));
          model.live.set(written, content);
        }
      }
      expect(seen).toEqual(expected);
    },
);

const snapshot = fc.constant<Command>(async (model, { store }) => {
  if (model.pending !== undefined) return;
  const taken = store.snapshot(++model.epoch);
  model.pending = { snapshot: taken, bytes: taken.bytes(), content: new Map(model.live) };
});

const confirm = fc.constant<Command>(async (model) => {
  if (model.pending === undefined) return;
  const { snapshot: taken, bytes, content } = model.pending;
  const link = { epoch: taken.epoch, bytes };
  await taken.confirm();
  model.chain = taken.baseEpoch === null ? [link] : [...model.chain, link];
  model.committed = content;
  model.pending = undefined;
});

const abandon = fc.constant<Command>(async (model) => {
  model.pending?.snapshot.abandon();
  model.pending = undefined;
});

/** The process dies before or after the commit record that holds the pending snapshot, and starts again. */
const crash = fc.boolean().map(
  (recorded): Command =>
    async (model, subject) => {
      if (recorded && model.pending !== undefined) {
        const { snapshot: taken, bytes, content } = model.pending;
        const link = { epoch: taken.epoch, bytes };
        model.chain = taken.baseEpoch === null ? [link] : [...model.chain, link];
        model.committed = content;
      }
      model.pending = undefined;
      subject.store = await subject.reopen();
      await subject.store.restore(model.chain);
      model.live = new Map(model.committed);
    },
);

const commands = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: put },
    { weight: 3, arbitrary: remove },
    { weight: 3, arbitrary: get },
    { weight: 2, arbitrary: scan },
    { weight: 2, arbitrary: scanAndWrite },
    { weight: 2, arbitrary: snapshot },
    { weight: 2, arbitrary: confirm },
    { weight: 1, arbitrary: abandon },
    { weight: 1, arbitrary: crash },
  ),
  { maxLength: 60 },
);

async function follows(sequence: readonly Command[], subject: Subject): Promise<void> {
  const model = new Model();
  try {
    for (const command of sequence) {
      await command(model, subject);
      const { entries, bytes } = subject.store.stats;
      const size = [...model.live].reduce((sum, [k, v]) => sum + k.length + v.length, 0);
      expect([entries, bytes]).toEqual([model.live.size, size]);
    }
    expect([...subject.store.scan()].map(([k, v]) => [textOf(k), textOf(v)])).toEqual(model.sorted());
  } finally {
    await subject.store[Symbol.asyncDispose]();
  }
}

describe('a store follows a map through any sequence of operations', () => {
  it('in memory', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(commands, fc.integer({ min: 0, max: 3 }), async (sequence, maxDeltas) => {
        const reopen = async () => createMemoryStateStore({ maxDeltas });
        await follows(sequence, { store: await reopen(), reopen });
      }),
      { numRuns: 400 },
    );
  });

  it('in LMDB, opened again after each crash', { timeout: 120_000 }, async () => {
    let folders = 0;
    await fc.assert(
      fc.asyncProperty(commands, fc.integer({ min: 0, max: 3 }), async (sequence, maxDeltas) => {
        const folder = join(root, `store-${folders++}`);
        const open = () => openLmdbStateStore(folder, { maxDeltas, durability: 'none' });
        const subject: Subject = {
          store: await open(),
          reopen: async () => {
            await subject.store[Symbol.asyncDispose]();
            return await open();
          },
        };
        await follows(sequence, subject);
      }),
      { numRuns: 60 },
    );
  });
});
