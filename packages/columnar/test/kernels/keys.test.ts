import {
  batchOf,
  type Column,
  defineSchema,
  dictionary,
  float64,
  int64,
  nullable,
  rowsOf,
  utf8,
} from '@sabot/columnar';
import { aggregates, createGroupTable, createHashIndex, dictionaryEncode, groupBatch } from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { describe, expect, test, vi } from 'vitest';
import { BytesKeys } from '../../src/kernels/keys/bytes-keys.js';
import { HASHED } from '../../src/kernels/keys/bytes-pairs.js';
import { blockWords } from '../../src/kernels/keys/key-block.js';
import { allTypes } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

function int64s(values: readonly (bigint | null)[]): Column {
  return batchOf(defineSchema({ key: nullable(int64()) }), { key: [...values] }).column('key');
}

function texts(values: readonly (string | null)[]): Column {
  return batchOf(defineSchema({ key: nullable(utf8()) }), { key: [...values] }).column('key');
}

/** Ways in which keys of a batch may lie, each of which some table treats in a way of its own. */
const spreads: Readonly<Record<string, (random: () => number) => bigint>> = {
  'a small range': (random) => BigInt(Math.floor(random() * 50)) + 1_000_000_007n,
  'a range around zero': (random) => BigInt(Math.floor(random() * 50) - 25),
  'a range across a border of 2^32': (random) => BigInt(Math.floor(random() * 50)) + 2n ** 32n - 25n,
  'the least integers': (random) => LEAST + BigInt(Math.floor(random() * 40)),
  'the greatest integers': (random) => MOST - BigInt(Math.floor(random() * 40)),
  'all 64 bits': (random) => BigInt.asIntN(64, BigInt(Math.floor(random() * 60)) * 0x9e3779b97f4a7c15n),
  'one key nearly always': (random) => (random() < 0.95 ? 7n : BigInt(Math.floor(random() * 1e9))),
};

describe.each(Object.entries(spreads))('keys in %s', (_, draw) => {
  const drawn = (random: () => number, count: number) =>
    Array.from({ length: count }, () => (random() < 0.05 ? null : draw(random)));

  test('have the groups that a map gives, batch after batch', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const table = createGroupTable([nullable(int64())]);
      const known = new Map<bigint | null, number>();
      for (let round = 0; round < 4; round++) {
        const keys = drawn(random, 70);
        for (const key of keys) if (!known.has(key)) known.set(key, known.size);
        const expected = keys.map((key) => known.get(key));
        expect([...table.assign([int64s(keys)], 70)], `seed ${seed}`).toEqual(expected);
        expect([...table.lookup([int64s(keys)], 70)]).toEqual(expected);
      }
      expect(table.lookup([int64s([12345n])], 1)[0]).toBe(known.get(12345n) ?? -1);
      expect(table.keys()[0]?.length).toBe(known.size);
    }
  });

  test('join like nested loops, unique or repeated on the built side', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const all = drawn(random, 60);
      const build = seed % 2 === 0 ? all : [...new Set(all)];
      const probe = drawn(random, 50);
      const index = createHashIndex([int64s(build)]);
      const matches = probe.map((key) => build.flatMap((other, row) => (key !== null && other === key ? [row] : [])));
      const inner = index.probe([int64s(probe)], 50);
      expect([...inner.buildRows.subarray(0, inner.count)], `seed ${seed}`).toEqual(matches.flat());
      expect([...inner.probeRows.subarray(0, inner.count)]).toEqual(
        matches.flatMap((rows, row) => rows.map(() => row)),
      );
      const left = index.probeLeft([int64s(probe)], 50);
      expect([...left.buildRows.subarray(0, left.count)]).toEqual(
        matches.flatMap((rows) => (rows.length ? rows : [-1])),
      );
      expect([...index.contains([int64s(probe)], 50)]).toEqual(matches.map((rows) => (rows.length ? 1 : 0)));
    }
  });
});

describe('string keys', () => {
  /** Every longer string hashes like all others of its length. */
  const weakHash = (_view: DataView, _start: number, length: number, at: number): void => {
    blockWords[2 * at] = length;
    blockWords[2 * at + 1] = HASHED << 24;
  };

  test('stay apart when their hashes are equal, within a batch, across batches, in lookups and after retain', () => {
    const words = ['short', 'longer than seven', 'longer than eight', 'longer than sevem', '', 'exactly7', 'seven77'];
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const draw = () => Array.from({ length: 9 }, () => words[Math.floor(random() * words.length)] as string);
      const keys = new BytesKeys(utf8(), {}, weakHash);
      const known = new Map<string, number>();
      for (let round = 0; round < 3; round++) {
        const rows = draw();
        const ids = new Int32Array(9);
        keys.assign(texts(rows), null, 9, ids);
        rows.forEach((word, i) => {
          expect(known.get(word) ?? ids[i], `seed ${seed}, ${word}`).toBe(ids[i]);
          known.set(word, ids[i] as number);
        });
        expect(new Set(known.values()).size).toBe(known.size);
      }
      const kept = Int32Array.from(known.values()).filter(() => random() < 0.6);
      keys.retain(kept);
      const found = new Int32Array(words.length);
      keys.lookup(texts(words), null, words.length, found);
      expect([...found]).toEqual(words.map((word) => kept.indexOf(known.get(word) ?? -1)));
    }
  });

  test('give their bytes back, of every length and at the end of the buffer', () => {
    const words = Array.from({ length: 40 }, (_, length) => 'abcdefghijklmnopqrstuvwxyz0123456789äöü'.slice(0, length));
    const table = createGroupTable([nullable(utf8())]);
    table.assign([texts([null, ...words])], 41);
    const schema = defineSchema({ key: nullable(utf8()) });
    const back = table.keys()[0] as Column<typeof schema.fields.key>;
    expect(rowsOf({ schema, numRows: 41, columns: [back], column: () => back as never })).toEqual(
      [null, ...words].map((key) => ({ key })),
    );
  });

  test('are the same whether a column is encoded or not, also from dictionary to dictionary', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const table = createGroupTable([dictionary()]);
      const known = new Map<string | null, number>();
      for (let round = 0; round < 4; round++) {
        const batch = randomBatch(defineSchema({ s: nullable(utf8()) }), 30, random);
        const column = random() < 0.7 ? dictionaryEncode(batch.column('s')) : batch.column('s');
        const keys = rowsOf(batch).map((row) => row.s);
        for (const key of keys) if (!known.has(key)) known.set(key, known.size);
        expect([...table.assign([column], 30)], `seed ${seed}`).toEqual(keys.map((key) => known.get(key)));
        expect([...table.lookup([column], 30)]).toEqual(keys.map((key) => known.get(key)));
      }
    }
  });
});

test('groupBatch gives a row per key in order of appearance, over blocks of rows', () => {
  const schema = defineSchema({ key: int64(), x: float64() });
  const rows = 40_000;
  const keys = Array.from({ length: rows }, (_, i) => BigInt((i * 7919) % 501));
  const batch = batchOf(schema, { key: keys, x: keys.map((_, i) => i / 4) });
  const plan = aggregates(schema, (a) => ({ n: a.count(), sum: a.sum('x'), most: a.max('x') }));
  const expected = new Map<bigint, { key: bigint; n: bigint; sum: number; most: number }>();
  keys.forEach((key, i) => {
    const { n, sum } = expected.get(key) ?? { n: 0n, sum: 0 };
    expected.set(key, { key, n: n + 1n, sum: sum + i / 4, most: i / 4 });
  });
  expect(rowsOf(groupBatch(batch, ['key'], plan))).toEqual([...expected.values()]);
  const clashing = aggregates(schema, (a) => ({ key: a.count() }));
  expect(() => groupBatch(batch, ['key'], clashing)).toThrowError(/KERNEL_ARGUMENT_INVALID|that name/);
  expect(
    groupBatch(
      randomBatch(allTypes, 0, seededRandom(1)),
      ['i32'],
      aggregates(allTypes, (a) => ({ n: a.count() })),
    ).numRows,
  ).toBe(0);
});
