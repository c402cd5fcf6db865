import { rowsOf } from '@sabot/columnar';
import { createAsOfIndex } from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { describe, expect, test, vi } from 'vitest';
import { allTypes } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

type Row = ReturnType<typeof rowsOf<typeof allTypes.fields>>[number];

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });
const few = { fewValues: true };

describe('as-of search', () => {
  test.each(['backward', 'forward', 'nearest'] as const)('%s finds the row that a scan finds', (direction) => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const [build, probe] = [randomBatch(allTypes, 40, random, few), randomBatch(allTypes, 20, random, few)];
      const tolerance = seed % 2 === 0 ? Number.POSITIVE_INFINITY : 86_400_000_000 * 2;
      const index = createAsOfIndex([build.column('text')], build.column('at'));
      const found = index.probe([probe.column('text')], probe.column('at'), 20, { direction, tolerance });
      const rows = rowsOf(build);
      rowsOf(probe).forEach((row, i) => {
        expect(found[i], `seed ${seed}, row ${i}`).toBe(scanned(row, rows, direction, tolerance));
      });
    }
  });
});

function scanned(row: Row, rows: readonly Row[], direction: string, toleranceUs: number): number {
  if (row.at === null || row.text === null) return -1;
  const candidates = rows.flatMap((other, at) => {
    if (other.text !== row.text || other.at === null) return [];
    const ahead = Math.round((other.at - (row.at as number)) * 1000);
    const fits =
      Math.abs(ahead) <= toleranceUs &&
      (ahead === 0 || direction === 'nearest' || ahead > 0 === (direction === 'forward'));
    return fits ? [{ at, ahead }] : [];
  });
  // Nearest first; before wins over after; of equal times the last row.
  candidates.sort((a, b) => Math.abs(a.ahead) - Math.abs(b.ahead) || a.ahead - b.ahead || b.at - a.at);
  return candidates[0]?.at ?? -1;
}
