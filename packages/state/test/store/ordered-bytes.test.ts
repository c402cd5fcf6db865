import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteTable } from '../../src/bytes/byte-table.js';
import { hashBytes } from '../../src/bytes/compare.js';
import { OrderedBytes } from '../../src/store/ordered-bytes.js';

const text = (value: string) => new TextEncoder().encode(value);

describe('ByteTable', () => {
  it('finds exactly the keys that were inserted and not removed, under any hashes', () => {
    const operation = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 200 }));
    fc.assert(
      // Few distinct hashes: long probe sequences, and deletions inside them.
      fc.property(fc.array(operation, { maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (operations, hashes) => {
        const table = new ByteTable<number>();
        const model = new Map<number, number>();
        const keyOf = (n: number) => Uint8Array.of(n);
        for (const [insert, n] of operations) {
          const key = keyOf(n);
          const entry = table.find(n % hashes, key, 0, 1);
          expect(entry >= 0).toBe(model.has(n));
          if (insert && entry < 0) model.set(n, table.insert(n % hashes, key, n));
          if (!insert && entry >= 0) {
            table.remove(entry);
            model.delete(n);
          }
        }
        expect(table.size).toBe(model.size);
        for (let n = 0; n <= 200; n++) {
          const entry = table.find(n % hashes, keyOf(n), 0, 1);
          expect(entry < 0 ? undefined : table.valueAt(entry)).toBe(model.has(n) ? n : undefined);
        }
      }),
    );
  });
});

describe('OrderedBytes', () => {
  it('scans in order while ten thousand keys come and go between scans', () => {
    const map = new OrderedBytes();
    const model = new Set<string>();
    let state = 1;
    const next = (limit: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state % limit;
    };
    for (let round = 0; round < 60; round++) {
      const changes = [10, 400, 4000][round % 3] as number;
      for (let n = 0; n < changes; n++) {
        const name = `key-${next(12_000)}`;
        const key = text(name);
        if (next(3) === 0) {
          map.remove(hashBytes(key), key);
          model.delete(name);
        } else {
          map.set(hashBytes(key), key, key);
          model.add(name);
        }
      }
      const seen = [...map.scan()].map(([key]) => Buffer.from(key).toString());
      expect(seen).toEqual([...model].sort());
    }
  });

  it('keeps values of a frozen or scanned state when they are overwritten', () => {
    const map = new OrderedBytes();
    const key = text('k');
    map.set(hashBytes(key), key, text('one'));
    const frozen = map.cells();
    map.freezeValues();
    map.set(hashBytes(key), key, text('two'));
    expect(Buffer.from(frozen[0]?.[1] as Uint8Array).toString()).toBe('one');
    const scan = map.scan();
    map.set(hashBytes(key), key, text('333'));
    expect(Buffer.from([...scan][0]?.[1] as Uint8Array).toString()).toBe('two');
  });
});
