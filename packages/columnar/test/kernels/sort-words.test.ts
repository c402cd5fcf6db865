import { batchOf, defineSchema, float64, int64, nullable, rowsOf, utf8 } from '@sabot/columnar';
import { sortRows } from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { describe, expect, test, vi } from 'vitest';
import { compareBy } from '../../src/kernels/sort/compare-rows.js';
import { radixRows } from '../../src/kernels/sort/radix-rows.js';
import { allTypes, keyNames } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

/** What comparing row with row gives; row numbers make it stable. */
function compared(columns: Parameters<typeof compareBy>[0], orders: Parameters<typeof compareBy>[1], numRows: number) {
  const compare = compareBy(columns, orders);
  return Array.from({ length: numRows }, (_, row) => row).sort((a, b) => compare(a, b) || a - b);
}

describe('sorting by composed keys', () => {
  test('equals sorting by comparison, for every type, direction and place of nulls, one to four columns', () => {
    for (let seed = 0; seed < 4 * SEEDS; seed++) {
      const random = seededRandom(seed);
      const batch = randomBatch(allTypes, Math.floor(random() * 120), random, { fewValues: random() < 0.4 });
      const names = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
        return keyNames[Math.floor(random() * keyNames.length)] as 'i32';
      });
      const columns = names.map((name) => batch.column(name));
      const orders = names.map(() => ({ descending: random() < 0.5, nullsFirst: random() < 0.5 }));
      const found = [...radixRows(columns, orders, batch.numRows)];
      expect(found, `seed ${seed}, by ${names}`).toEqual(compared(columns, orders, batch.numRows));
    }
  });

  test('deals many rows into buckets, also when nearly all have one key, and keeps equal rows in place', () => {
    const rows = 40_000;
    const random = seededRandom(7);
    const schema = defineSchema({ skewed: int64(), spread: nullable(float64()), text: utf8() });
    const batch = batchOf(schema, {
      skewed: Array.from({ length: rows }, (_, i) => (i % 1000 === 0 ? 2n ** 62n - BigInt(i) : 5n)),
      spread: Array.from({ length: rows }, () => (random() < 0.1 ? null : Math.floor(random() * 500) - 250)),
      text: Array.from({ length: rows }, () => `common prefix ${Math.floor(random() * 300)} and more`),
    });
    for (const names of [['skewed'], ['spread'], ['spread', 'skewed'], ['text', 'skewed']] as const) {
      const columns = names.map((name) => batch.column(name));
      const orders = [{ descending: true }, {}];
      expect([...sortRows(columns, orders, rows)], names.join()).toEqual(compared(columns, orders, rows));
    }
  });

  test('orders the ends of the 64-bit range, NaN, zeros and strings that differ in their length alone', () => {
    const schema = defineSchema({ n: int64(), x: float64(), s: utf8() });
    const batch = batchOf(schema, {
      n: [0n, 2n ** 63n - 1n, -(2n ** 63n), -1n, 1n],
      x: [Number.NaN, -0, 0, Number.NEGATIVE_INFINITY, -1.5],
      s: ['a\0', 'a', '', 'abcdefg\0', 'abcdefg'],
    });
    const sorted = (name: 'n' | 'x' | 's') => {
      const rows = radixRows([batch.column(name)], [{}], 5);
      return Array.from(rows, (row) => rowsOf(batch)[row]?.[name]);
    };
    expect(sorted('n')).toEqual([-(2n ** 63n), -1n, 0n, 1n, 2n ** 63n - 1n]);
    expect(sorted('x')).toEqual([Number.NEGATIVE_INFINITY, -1.5, -0, 0, Number.NaN]);
    expect(sorted('s')).toEqual(['', 'a', 'a\0', 'abcdefg', 'abcdefg\0']);
  });
});
