import { rowsOf } from '@sabot/columnar';
import { columnsOf, compilePipeline } from '@sabot/columnar/expressions';
import { hashColumns } from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { expect, test } from 'vitest';
import { allTypes, keyNames } from '../support/schemas.js';

test('the hash of a value is that of hashColumns, for every type that is no list or struct', () => {
  const batch = randomBatch(allTypes, 200, seededRandom(3));
  const columns = columnsOf(allTypes);
  for (const name of keyNames) {
    const expression = columns[name as 'i32'].hash();
    for (const mode of ['compiled', 'interpreted'] as const) {
      const run = compilePipeline(allTypes, [{ select: { hash: expression } }], { mode });
      const hashes = rowsOf(run.run(batch)).map((row) => row['hash']);
      expect(hashes, name).toEqual([...hashColumns([batch.column(name as 'i32')], batch.numRows)]);
    }
  }
});
