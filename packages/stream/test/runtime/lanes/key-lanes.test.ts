import { type Batch, batchOf, defineSchema, dictionary, int32, rowsOf, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGE_TYPE } from '../../../src/changelog/change-kind.js';
import { KEY_GROUPS, KeyLanes, laneOfGroup } from '../../../src/runtime/lanes/key-lanes.js';

const schema = defineSchema({ key: utf8(), value: int32() });
const encoded = defineSchema({ key: dictionary(), value: int32() });
const changelog = defineSchema({ key: utf8(), value: int32(), $change: CHANGE_TYPE });

function lanesOf(batch: Batch, lanes: number): readonly (readonly unknown[])[] {
  const parts: unknown[][] = Array.from({ length: lanes }, () => []);
  new KeyLanes(['key'], lanes).cut(batch, (lane, part) => parts[lane]?.push(...rowsOf(part)));
  return parts;
}

describe('KeyLanes', () => {
  it('gives every row to one lane, rows of a key to the same one, in their order, whatever the encoding', () => {
    const rows = fc.array(fc.record({ key: fc.string({ maxLength: 3 }), value: fc.integer({ min: 0, max: 99 }) }));
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 16 }), (all, lanes) => {
        const columns = { key: all.map(({ key }) => key), value: all.map(({ value }) => value) };
        const parts = lanesOf(batchOf(schema, columns), lanes);
        expect(lanesOf(batchOf(encoded, columns), lanes)).toEqual(parts);
        expect(parts.flat()).toHaveLength(all.length);
        for (const key of new Set(columns.key)) {
          const holding = parts.filter((part) => part.some((row) => (row as { key: string }).key === key));
          expect(holding).toHaveLength(1);
          const own = (row: unknown) => (row as { key: string }).key === key;
          expect(holding[0]?.filter(own)).toEqual(all.filter(own));
        }
      }),
    );
  });

  it('divides the key groups evenly', () => {
    for (const lanes of [1, 2, 3, 12, 1024]) {
      const counts = new Array<number>(lanes).fill(0);
      for (let group = 0; group < KEY_GROUPS; group++) counts[laneOfGroup(group, lanes)]!++;
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  it('turns an update whose rows go to different lanes into one that goes and one that comes', () => {
    const keys = Array.from({ length: 20 }, (_, at) => `k${at}`);
    const columns = {
      key: keys.flatMap((key, at) => [key, keys[(at + 1) % keys.length] as string]),
      value: keys.flatMap((_, at) => [at, at]),
      $change: keys.flatMap(() => [1, 2]),
    };
    const parts = lanesOf(batchOf(changelog, columns), 4) as readonly { value: number; $change: number }[][];
    for (const part of parts) {
      for (const [at, { value, $change }] of part.entries()) {
        if ($change === 1) expect(part[at + 1]).toMatchObject({ value, $change: 2 });
        if ($change === 2) expect(part[at - 1]).toMatchObject({ value, $change: 1 });
      }
    }
    const kinds = new Set(parts.flat().map(({ $change }) => $change));
    expect(kinds).toEqual(new Set([0, 1, 2, 3]));
  });
});
