import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float64Codec, int64Codec, jsonCodec, utf8Codec } from '../../src/codec/primitive-codecs.js';
import { structCodec } from '../../src/codec/struct-codec.js';
import { bindStates } from '../../src/keyed/binding.js';
import { aggregatingState, reducingState } from '../../src/keyed/folding-states.js';
import { listState } from '../../src/keyed/list-state.js';
import { mapState } from '../../src/keyed/map-state.js';
import { valueState } from '../../src/keyed/value-state.js';
import { createMemoryStateStore } from '../../src/store/memory-store.js';

const text = (value: string) => new TextEncoder().encode(value);
const mean = structCodec({ n: 'float64', mean: 'float64' });

const states = {
  last: valueState(utf8Codec),
  mean: valueState(mean, { initial: () => ({ n: 0, mean: 0 }) }),
  most: reducingState(float64Codec, Math.max),
  count: aggregatingState({
    accumulator: float64Codec,
    create: () => 0,
    add: (sum: number, value: string) => sum + value.length,
    result: (sum: number) => `${sum} letters`,
  }),
  seen: listState(utf8Codec),
  byDay: mapState('int64', jsonCodec<{ readonly n: number }>()),
};

describe('bindStates', () => {
  it('keeps each state of each key apart, also when keys are prefixes of each other', () => {
    const { states: bound, setKey } = bindStates(createMemoryStateStore(), states);
    const keys = ['a', 'a\0', 'a\0\x01', 'ab', ''];
    for (const key of keys) {
      setKey(text(key));
      bound.last.set(`last of ${key}`);
      bound.seen.addAll([key, '2']);
      bound.byDay.set(1n, { n: key.length });
      bound.count.add(key);
      bound.most.add(key.length);
      bound.most.add(-1);
      bound.mean.update((value) => {
        value.n += 1;
        return value;
      });
    }
    for (const key of keys) {
      setKey(text(key));
      expect(bound.last.get()).toBe(`last of ${key}`);
      expect(bound.seen.get()).toEqual([key, '2']);
      expect([...bound.byDay.entries()]).toEqual([[1n, { n: key.length }]]);
      expect(bound.count.get()).toBe(`${key.length} letters`);
      expect(bound.most.get()).toBe(key.length);
      expect(bound.mean.get()).toEqual({ n: 1, mean: 0 });
    }
    setKey(text('a'));
    for (const state of Object.values(bound)) state.clear();
    expect([bound.last.get(), bound.mean.get(), bound.most.get(), bound.count.get(), bound.seen.get()]).toEqual([
      undefined,
      { n: 0, mean: 0 },
      undefined,
      undefined,
      [],
    ]);
    expect([...bound.byDay.entries()]).toEqual([]);
    setKey(text('ab'));
    expect(bound.seen.get()).toEqual(['ab', '2']);
    expect([...bound.byDay.entries()]).toEqual([[1n, { n: 2 }]]);
  });

  it('touches the store once for a key that is hot', () => {
    const store = createMemoryStateStore();
    const binding = bindStates(store, { mean: states.mean });
    for (let row = 0; row < 1000; row++) {
      binding.setKey(text('hot'));
      binding.states.mean.update((value) => {
        value.n += 1;
        return value;
      });
    }
    expect(store.stats).toMatchObject({ gets: 1, puts: 0 });
    binding.flush();
    binding.flush();
    expect(store.stats).toMatchObject({ gets: 1, puts: 1, entries: 1 });
    expect(binding.stats).toEqual({ hits: 999, misses: 1, evictions: 0, flushed: 1 });
  });

  it('forgets what was not flushed when it is reset, and takes what the store has', async () => {
    const store = createMemoryStateStore();
    const binding = bindStates(store, { last: states.last });
    binding.setKey(text('k'));
    binding.states.last.set('committed');
    binding.flush();
    const snapshot = store.snapshot(1);
    const bytes = snapshot.bytes();
    await snapshot.confirm();
    binding.states.last.set('lost');
    await store.restore([{ epoch: 1, bytes }]);
    binding.reset();
    expect(() => binding.states.last.get()).toThrow(/SABOT_STATE_NO_KEY/);
    binding.setKey(text('k'));
    expect(binding.states.last.get()).toBe('committed');
  });

  it('gives the same results with a cache of one key as with one of all', () => {
    const operation = fc.tuple(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
        const seen = [1, 2, 100].map((cacheKeys) => {
          const store = createMemoryStateStore();
          const binding = bindStates(store, states, { cacheKeys, cacheEntries: cacheKeys });
          const { last, seen: list, byDay, most } = binding.states;
          const trace: unknown[] = [];
          for (const [key, what, detail] of operations) {
            binding.setKey(Uint8Array.of(key));
            if (what === 0) last.set(`${detail}`);
            if (what === 1) last.clear();
            if (what === 2) list.add(`${detail}`);
            if (what === 3) trace.push([...list.get()]);
            if (what === 4) byDay.set(BigInt(detail), { n: detail });
            if (what === 5) trace.push(byDay.delete(BigInt(detail)));
            if (what === 6) trace.push([...byDay.entries()], last.get(), most.get());
            if (what === 7) most.add(detail);
            if (what === 8) binding.flush();
            if (what === 9 && detail === 0) list.clear();
            if (what === 9 && detail === 1) byDay.clear();
          }
          binding.flush();
          return { trace, content: [...store.scan()].length };
        });
        expect(seen[0]?.trace).toEqual(seen[2]?.trace);
        expect(seen[1]?.trace).toEqual(seen[2]?.trace);
      }),
    );
  });

  it('appends to a long list without reading it, and rewrites it when it is read in many pieces', () => {
    const store = createMemoryStateStore();
    const binding = bindStates(store, { seen: listState(utf8Codec) });
    binding.setKey(text('k'));
    for (let n = 0; n < 50; n++) {
      binding.states.seen.add(`${n}`);
      binding.flush();
    }
    expect(store.stats).toMatchObject({ entries: 51, scans: 0 });
    expect(binding.states.seen.get()).toEqual(Array.from({ length: 50 }, (_, n) => `${n}`));
    binding.states.seen.add('50');
    binding.flush();
    expect(store.stats.entries).toBe(2);
    binding.reset();
    binding.setKey(text('k'));
    expect(binding.states.seen.get()).toHaveLength(51);
  });

  it('says what it stores, independent of the order of declaration', () => {
    const store = createMemoryStateStore();
    const { last, mean: means } = states;
    expect(bindStates(store, { means, last }).schema).toBe(
      'last=value<utf8>;means=value<struct{n:float64,mean:float64}>',
    );
    expect(bindStates(store, { last, means }).schema).toBe(bindStates(store, { means, last }).schema);
  });

  it('refuses unusable names and options', () => {
    const store = createMemoryStateStore();
    const refused = expect.objectContaining({ code: 'SABOT_STATE_STATE_DECLARATION' });
    for (const name of ['', 'a b', '1a', 'ä', 'a\0', 'x'.repeat(65)]) {
      expect(() => bindStates(store, { [name]: states.last })).toThrow(refused);
    }
    expect(() => bindStates(store, states, { cacheKeys: 0 })).toThrow(refused);
    expect(() => bindStates(store, states, { cacheEntries: 1.5 })).toThrow(refused);
    expect(() => structCodec({})).toThrow(refused);
    expect(() => structCodec({ x: 'utf8' as 'bool' })).toThrow(refused);
  });
});

describe('codecs', () => {
  it('say which field or value does not fit', () => {
    const { states: bound, setKey, flush } = bindStates(createMemoryStateStore(), { mean: states.mean });
    setKey(text('k'));
    bound.mean.set({ n: 1 } as { n: number; mean: number });
    expect(flush).toThrow(/field "mean" is undefined, which is no float64.*SABOT_STATE_CODEC_VALUE/);
  });

  it('say that stored bytes were written by another codec', () => {
    const store = createMemoryStateStore();
    const before = bindStates(store, { x: valueState(utf8Codec) });
    before.setKey(text('k'));
    before.states.x.set('four');
    before.flush();
    for (const codec of [float64Codec, int64Codec, mean, jsonCodec()]) {
      const after = bindStates(store, { x: valueState<unknown>(codec as typeof float64Codec as never) });
      after.setKey(text('k'));
      expect(() => after.states.x.get()).toThrow(/SABOT_STATE_CODEC_BYTES/);
    }
  });
});
