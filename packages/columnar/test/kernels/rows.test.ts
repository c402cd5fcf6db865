import { type Batch, batchOf, defineSchema, rowsOf, sliceBatch, utf8 } from '@sabot/columnar';
import {
  concatBatches,
  dictionaryDecode,
  dictionaryEncode,
  filterBatch,
  hashColumns,
  selectionOf,
  sortRows,
  takeBatch,
  takeBatchOrNull,
  topRows,
  uniqueRows,
} from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { describe, expect, test, vi } from 'vitest';
import { allTypes, keyNames } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

function eachSeed(check: (batch: Batch<typeof allTypes.fields>, random: () => number) => void): void {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seededRandom(seed);
    const batch = randomBatch(allTypes, seed % 9 === 0 ? seed % 2 : 1 + Math.floor(random() * 40), random);
    try {
      check(batch, random);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}

describe('row kernels equal their naive forms over every type, nulls, slices, empty and one-row batches', () => {
  test('take', () => {
    eachSeed((batch, random) => {
      const rows = Int32Array.from({ length: batch.numRows === 0 ? 0 : 30 }, () =>
        Math.floor(random() * batch.numRows),
      );
      const all = rowsOf(batch);
      expect(rowsOf(takeBatch(batch, rows))).toEqual(Array.from(rows, (row) => all[row]));
    });
  });

  test('take with −1 gives rows of nulls', () => {
    eachSeed((batch, random) => {
      const rows = Int32Array.from({ length: 20 }, () => Math.floor(random() * (batch.numRows + 1)) - 1);
      const all = rowsOf(batch);
      const nulls = Object.fromEntries(allTypes.names.map((name) => [name, null]));
      expect(rowsOf(takeBatchOrNull(batch, rows))).toEqual(Array.from(rows, (row) => (row < 0 ? nulls : all[row])));
    });
  });

  test('filter and slice', () => {
    eachSeed((batch) => {
      const selection = selectionOf(batch.column('flag'));
      const all = rowsOf(batch);
      expect(rowsOf(filterBatch(batch, selection))).toEqual(all.filter((row) => row.flag === true));
      const cut = sliceBatch(sliceBatch(batch, 3), 1, -2);
      expect(rowsOf(cut)).toEqual(all.slice(3).slice(1, -2));
    });
  });

  test('concat merges dictionaries and shifts offsets', () => {
    eachSeed((batch, random) => {
      const other = randomBatch(allTypes, 9, random);
      const parts = [batch, sliceBatch(batch, 2), other];
      expect(rowsOf(concatBatches(allTypes, parts))).toEqual(parts.flatMap((part) => rowsOf(part)));
    });
  });

  test('hashes depend on values alone, not on slices, bit offsets or encoding', () => {
    eachSeed((batch) => {
      const whole = hashColumns(batch.columns, batch.numRows);
      const rebuilt = concatBatches(allTypes, [sliceBatch(batch, 0, 1), sliceBatch(batch, 1)]);
      expect(hashColumns(rebuilt.columns, batch.numRows)).toEqual(whole);
      const tail = sliceBatch(batch, 5);
      expect(hashColumns(tail.columns, tail.numRows)).toEqual(whole.slice(5));
      const encoded = dictionaryEncode(batch.column('word'));
      expect(hashColumns([encoded], batch.numRows)).toEqual(hashColumns([batch.column('word')], batch.numRows));
    });
  });

  test('dictionary encoding and decoding are inverse', () => {
    eachSeed((batch) => {
      const encoded = dictionaryEncode(batch.column('text'));
      const decoded = dictionaryDecode(encoded);
      expect(hashColumns([decoded], batch.numRows)).toEqual(hashColumns([batch.column('text')], batch.numRows));
      expect(encoded.children[0]?.length).toBe(
        new Set(
          rowsOf(batch)
            .map((row) => row.text)
            .filter((v) => v !== null),
        ).size,
      );
    });
  });

  test('sort orders every type, nulls where asked, and keeps equal rows in place', () => {
    eachSeed((batch, random) => {
      const name = keyNames[Math.floor(random() * keyNames.length)] as 'i32';
      const [descending, nullsFirst] = [random() < 0.5, random() < 0.5];
      const rows = sortRows([batch.column(name)], [{ descending, nullsFirst }], batch.numRows);
      const values = rowsOf(batch).map((row) => row[name]);
      const expected = values
        .map((_, row) => row)
        .sort((a, b) => orderOf(values[a], values[b], descending, nullsFirst) || a - b);
      expect([...rows]).toEqual(expected);
    });
  });

  test('top rows are the first of the sorted rows; unique rows the first of their kind', () => {
    eachSeed((batch, random) => {
      const keys = [batch.column('flag'), batch.column('u8')];
      const orders = [{ descending: random() < 0.5 }, { descending: true }];
      const limit = Math.floor(random() * 12);
      const sorted = sortRows(keys, orders, batch.numRows);
      expect([...topRows(keys, orders, batch.numRows, limit)]).toEqual([...sorted.slice(0, limit)]);
      const texts = rowsOf(batch).map((row) => row.text);
      const expected = texts.flatMap((text, row) => (texts.indexOf(text) === row ? [row] : []));
      expect([...uniqueRows([batch.column('text')], batch.numRows)]).toEqual(expected);
    });
  });

  test('sort by several keys decides by the first that differs', () => {
    eachSeed((batch) => {
      const rows = sortRows([batch.column('flag'), batch.column('word')], [{ descending: true }, {}], batch.numRows);
      const all = rowsOf(batch);
      const expected = all
        .map((_, row) => row)
        .sort((a, b) => {
          const [x, y] = [all[a], all[b]] as [(typeof all)[number], (typeof all)[number]];
          return orderOf(x.flag, y.flag, true, false) || orderOf(x.word, y.word, false, false) || a - b;
        });
      expect([...rows]).toEqual(expected);
    });
  });
});

test('string hashes are MurmurHash3 with seed 0, so that they can be kept across releases', () => {
  const batch = batchOf(defineSchema({ s: utf8() }), {
    s: ['', 'hello', 'hello, world', 'The quick brown fox jumps over the lazy dog'],
  });
  expect([...hashColumns(batch.columns, 4)]).toEqual([0, 0x248bfa47, 0x149bbb7f, 0x2e4ff723]);
});

function orderOf(a: unknown, b: unknown, descending: boolean, nullsFirst: boolean): number {
  if (a === null || b === null) return (Number(a === null) - Number(b === null)) * (nullsFirst ? -1 : 1);
  return naturalOrder(a, b) * (descending ? -1 : 1);
}

function naturalOrder(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a - b || 0;
  }
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array);
  if (typeof a === 'string' && /^-?\d+\.\d{3}$/.test(a)) return decimalOrder(a, b as string);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

function decimalOrder(a: string, b: string): number {
  const difference = BigInt(a.replace('.', '')) - BigInt(b.replace('.', ''));
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
