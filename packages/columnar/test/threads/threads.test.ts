import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Batch, defineSchema, int64, rowsOf, sliceBatch } from '@sabot/columnar';
import { hashColumns, takeBatch } from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { type BatchParcel, receiveBatch, shareBatch, transferBatch, transferList } from '@sabot/columnar/threads';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildProgram } from '../support/built-program.js';
import { allTypes } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

type AllBatch = Batch<typeof allTypes.fields>;
interface Answer {
  readonly rows: unknown;
  readonly hashes: Uint32Array;
  readonly back: BatchParcel;
  readonly sameWords: boolean;
}

let worker: Worker;
beforeAll(async () => {
  worker = new Worker(await buildProgram('row-worker'));
}, 60_000);
afterAll(async () => {
  await worker.terminate();
});

async function answerTo(parcel: BatchParcel): Promise<Answer> {
  const answer = once(worker, 'message');
  worker.postMessage(parcel, transferList(parcel));
  return ((await answer) as [Answer])[0];
}

function batchOfSeed(seed: number): AllBatch {
  const random = seededRandom(seed);
  return randomBatch(allTypes, seed % 9 === 0 ? seed % 2 : 1 + Math.floor(random() * 60), random);
}

describe('a real worker thread', () => {
  test.each([
    ['shared', shareBatch],
    ['transferred', transferBatch],
  ] as const)('sees the rows and hashes of a %s batch of every type, and sends it back', async (_, send) => {
    for (let seed = 0; seed < Math.min(SEEDS, 200); seed++) {
      const batch = batchOfSeed(seed);
      const { rows, hashes, back } = await answerTo(send(batch));
      expect(rows, `seed ${seed}`).toEqual(rowsOf(batch));
      expect(hashes).toEqual(hashColumns(batch.columns, batch.numRows));
      expect(rowsOf(receiveBatch(allTypes, back)), `seed ${seed}`).toEqual(rowsOf(batch));
    }
  });

  test('knows the dictionary of shared batches again', async () => {
    const batch = batchOfSeed(5);
    await answerTo(shareBatch(batch));
    const { sameWords } = await answerTo(shareBatch(sliceBatch(batch, 1)));
    expect(sameWords).toBe(true);
  });

  test('takes transferred memory away and leaves the batch that it was copied from', async () => {
    const batch = batchOfSeed(7);
    const parcel = transferBatch(batch);
    const { rows } = await answerTo(parcel);
    expect(parcel.memory.byteLength).toBe(0);
    expect(rowsOf(batch)).toEqual(rows);
  });
});

describe('shared memory', () => {
  test('is seen by the receiver without copying, and not copied again when it is passed on', () => {
    const schema = defineSchema({ n: int64() });
    const parcel = shareBatch(randomBatch(schema, 1000, seededRandom(1)));
    const received = receiveBatch(schema, parcel);
    expect(received.column('n').values.buffer).toBe(parcel.memory);
    expect(shareBatch(sliceBatch(received, 10, 20)).memory).toBe(parcel.memory);
  });

  test('holds the rows in view, not those of the batch that they were cut from', () => {
    const schema = defineSchema({ n: int64() });
    const batch = randomBatch(schema, 100_000, seededRandom(1));
    expect(shareBatch(sliceBatch(batch, 50_000, 50_010)).bytes).toBeLessThan(200);
    expect(shareBatch(takeBatch(batch, new Int32Array(10))).bytes).toBeLessThan(200);
  });
});

test('a parcel of another schema is refused with both schemas named', () => {
  const parcel = shareBatch(batchOfSeed(1));
  expect(() => receiveBatch(defineSchema({ n: int64() }), parcel)).toThrow(/i8: int8\?.*\(n: int64\).*SCHEMA_MISMATCH/);
});
