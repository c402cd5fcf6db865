import { writeFile } from 'node:fs/promises';
import { batchFromRows, defineSchema, float64, int64, utf8 } from '@sabot/columnar';
import { isSabotError } from '@sabot/core-observability/errors';
import { expect, it } from 'vitest';
import { parquetSource } from '../../src/source/parquet-source.js';
import { parquetBytes } from '../../src/testing/parquet-bytes.js';
import { readAll, useFolder } from './written-files.js';

const schema = defineSchema({ origin: utf8(), delay: int64(), distance: float64() });
const rows = Array.from({ length: 500 }, (_, at) => ({ origin: `A${at % 9}`, delay: BigInt(at), distance: at / 3 }));
const bytes = parquetBytes([batchFromRows(schema, rows)], { rowGroupRows: 100 });
const folder = useFolder();
const SEEDS = 60;

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((again ^ (again >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Parquet pages carry no checksum by default: damage inside values can go unnoticed, but never ends the process or hangs.
it('answers any damage with rows or a coded error, and reads a whole file after it', { timeout: 60_000 }, async () => {
  const outcomes = { read: 0, refused: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomFrom(seed);
    const damaged = bytes.slice();
    const from = 4 + Math.floor(random() * (bytes.length - 12));
    const to = Math.min(bytes.length - 8, from + 1 + Math.floor(random() * 60));
    for (let at = from; at < to; at++) damaged[at] = Math.floor(random() * 256);
    const path = folder.path(`damaged-${seed}.parquet`);
    await writeFile(path, damaged);
    try {
      await readAll(parquetSource(path, { schema }));
      outcomes.read++;
    } catch (error) {
      expect(isSabotError(error), `seed ${seed}: ${String(error)}`).toBe(true);
      outcomes.refused++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(0);
  await writeFile(folder.path('whole.parquet'), bytes);
  expect(await readAll(parquetSource(folder.path('whole.parquet'), { schema }))).toHaveLength(5);
});
