import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareBytes } from '../../src/bytes/compare.js';
import { copyBytes } from '../../src/bytes/copy.js';
import { sortedByKey } from '../../src/bytes/sort-by-key.js';

it('sorts as comparing bytes does, whatever the keys share', () => {
  const key = fc.tuple(
    fc.constantFrom([], [1, 2, 3], [1, 2, 3, 0, 0, 0, 0, 0]),
    fc.array(fc.constantFrom(0, 1, 255), { maxLength: 9 }),
  );
  const keys = fc.uniqueArray(
    key.map(([head, tail]) => Uint8Array.from([...head, ...tail])),
    { selector: (bytes) => bytes.join() },
  );
  fc.assert(
    fc.property(keys, (list) => {
      expect(sortedByKey(list, (bytes) => bytes)).toEqual([...list].sort(compareBytes));
    }),
  );
});

it('copies bytes of any length, and of a Buffer', () => {
  for (const length of [0, 1, 48, 49, 1000]) {
    const source = Buffer.alloc(length, 7);
    const copy = copyBytes(source);
    source.fill(0);
    expect([...copy]).toEqual(Array.from({ length }, () => 7));
  }
});
