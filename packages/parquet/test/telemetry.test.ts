import { batchFromRows, defineSchema, int32 } from '@sabot/columnar';
import { createTestObservability } from '@sabot/core-observability/testing';
import { expect, it } from 'vitest';
import { parquetSource } from '../src/source/parquet-source.js';
import { instrumentParquet } from '../src/telemetry.js';
import { readAll, useFolder, writtenFile } from './source/written-files.js';

const folder = useFolder();

it('publishes what a source has read', async () => {
  const schema = defineSchema({ x: int32() });
  const rows = Array.from({ length: 10 }, (_, x) => ({ x }));
  const source = parquetSource(await writtenFile(folder.path('x.parquet'), [batchFromRows(schema, rows)], 4), {
    schema,
  });
  const observability = createTestObservability();
  const stop = instrumentParquet(observability, source);
  await readAll(source);
  const attributes = { 'sabot.source': 'x.parquet' };
  expect(observability.value('sabot.parquet.row_groups.read', attributes)).toBe(3);
  expect(observability.value('sabot.parquet.read.bytes', attributes)).toBe(source.stats.compressedBytes);
  expect(observability.value('sabot.parquet.wait.time', attributes)).toBeCloseTo(source.stats.waitMs / 1000, 9);
  stop();
  expect(observability.points('sabot.parquet.row_groups.read')).toEqual([]);
});
