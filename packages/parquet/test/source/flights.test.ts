import { fileURLToPath } from 'node:url';
import { defineSchema, int64, nullable, readInt64, timestamp, utf8 } from '@sabot/columnar';
import { expect, it } from 'vitest';
import { parquetSource, readParquetSchema } from '../../src/source/parquet-source.js';
import { positionAt, readAll } from './written-files.js';

const path = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));

it('reads three million flights in time order, within 300 MB', { timeout: 60_000 }, async () => {
  const schema = defineSchema({ date: nullable(timestamp('us')), delay: nullable(int64()), origin: nullable(utf8()) });
  const source = parquetSource(path, { schema });
  let rows = 0;
  let sum = 0;
  let last = -Infinity;
  let peak = 0;
  const split = (await source.splits())[0];
  if (split === undefined) throw new TypeError('no split');
  const reader = await source.read(split, undefined, { columns: ['delay', 'date'], batchRows: 8192 });
  const { signal } = new AbortController();
  const before = process.memoryUsage().rss;
  for (;;) {
    const polled = await reader.poll(signal);
    if (polled.kind !== 'batch') break;
    const date = polled.batch.column('date');
    const delay = polled.batch.column('delay');
    for (let row = 0; row < polled.batch.numRows; row++) {
      const at = readInt64(date, row);
      if (at < last) throw new RangeError('a flight is before the one before it');
      last = at;
      sum += readInt64(delay, row);
    }
    rows += polled.batch.numRows;
    peak = Math.max(peak, process.memoryUsage().rss - before);
  }
  await reader.close();
  expect(rows).toBe(3_000_000);
  // DuckDB 1.5.6: select sum(delay).
  expect(sum).toBe(20_003_603);
  expect(peak).toBeLessThan(300_000_000);
  expect(source.stats).toMatchObject({ rows: 3_000_000, rowGroups: 11 });
});

it('names the columns of the flights', async () => {
  expect((await readParquetSchema(path)).names).toEqual(['date', 'delay', 'distance', 'origin', 'destination']);
  const schema = defineSchema({ origin: nullable(utf8()) });
  const source = parquetSource(path, { schema });
  const [first] = await readAll(source, { position: await positionAt(source, 2_999_000) });
  expect(first?.batch.numRows).toBe(1000);
});
