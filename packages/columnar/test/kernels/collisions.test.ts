import { batchOf, defineSchema, int64 } from '@sabot/columnar';
import { createGroupTable, createHashIndex, hashColumns } from '@sabot/columnar/kernels';
import { expect, test } from 'vitest';

/** MurmurHash3's finaliser, as the hash of 64-bit integers uses it. */
function mix(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** An integer with the given high word that hashes like all others of this function. */
function colliding(high: number): bigint {
  const low = Math.imul(mix(high), 0x9e3779b1);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

const schema = defineSchema({ key: int64() });
const column = (keys: bigint[]) => batchOf(schema, { key: keys }).column('key');

test('keys whose hashes are equal stay apart, within a batch, across batches and in lookups', () => {
  const [a, b, c, d] = [1, 2, 3, 4].map(colliding) as [bigint, bigint, bigint, bigint];
  const first = column([a, b, a, 5n, b, c]);
  expect(new Set(hashColumns([column([a, b, c, d])], 4)).size).toBe(1);
  const table = createGroupTable([int64()]);
  const groups = [...table.assign([first], 6)];
  expect(new Set(groups).size).toBe(4);
  expect([groups[2], groups[4]]).toEqual([groups[0], groups[1]]);
  expect([...table.assign([column([c, b, a])], 3)]).toEqual([groups[5], groups[1], groups[0]]);
  expect([...table.lookup([column([d, c, 5n, b, 6n])], 5)]).toEqual([-1, groups[5], groups[3], groups[1], -1]);
  const restored = createGroupTable([int64()]);
  restored.restore(table.snapshot());
  expect([...restored.lookup([column([a, b, c, d])], 4)]).toEqual([groups[0], groups[1], groups[5], -1]);
  const pairs = createHashIndex([column([a, b, c, b])]).probe([column([d, b, a])], 3);
  expect([...pairs.probeRows.subarray(0, pairs.count)]).toEqual([1, 1, 2]);
  expect([...pairs.buildRows.subarray(0, pairs.count)]).toEqual([1, 3, 0]);
});

test('keys whose slots are equal stay apart, before and after the table has grown', () => {
  // The table hashes low × 0x9e3779b1 + high × 0x85ebca6b first: keys of one sum are one hash.
  let inverse = 1;
  for (let step = 0; step < 5; step++) inverse = Math.imul(inverse, 2 - Math.imul(0x9e3779b1, inverse));
  const keyOf = (high: number) => {
    const low = Math.imul(inverse, 42 - Math.imul(high, 0x85ebca6b));
    return (BigInt(high) << 32n) | BigInt(low >>> 0);
  };
  const keys = Array.from({ length: 300 }, (_, i) => keyOf(i * 65_537 + 1));
  const table = createGroupTable([int64()]);
  const expected = keys.map((_, i) => i);
  expect([...table.assign([column(keys.slice(0, 150))], 150)]).toEqual(expected.slice(0, 150));
  expect([...table.assign([column(keys)], 300)]).toEqual(expected);
  expect([...table.lookup([column([...keys, keyOf(5)])], 301)]).toEqual([...expected, -1]);
});

test('keys that differ in their high words alone stay apart: addressed directly, in slots and in a join index', () => {
  const near = [3n, 4n, 5n, 6n];
  const far = near.map((key) => key + 2n ** 32n);
  const table = createGroupTable([int64()]);
  expect([...table.assign([column(near)], 4)]).toEqual([0, 1, 2, 3]);
  expect([...table.lookup([column(far)], 4)]).toEqual([-1, -1, -1, -1]);
  expect([...table.assign([column([...far, ...near])], 8)]).toEqual([4, 5, 6, 7, 0, 1, 2, 3]);
  const index = createHashIndex([column(near)]);
  expect(index.probe([column([...far, 5n])], 5)).toMatchObject({ count: 1 });
  expect([...index.contains([column([...far, 5n])], 5)]).toEqual([0, 0, 0, 0, 1]);
  const stacked = Array.from({ length: 1000 }, (_, i) => 7n + BigInt(i) * 2n ** 32n);
  const slots = createGroupTable([int64()]);
  expect([...slots.assign([column(stacked)], 1000)]).toEqual(stacked.map((_, i) => i));
  expect([...slots.lookup([column(stacked)], 1000)]).toEqual(stacked.map((_, i) => i));
});
