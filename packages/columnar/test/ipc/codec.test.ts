import { type Batch, defineSchema, describeSchema, int64, rowsOf, sliceBatch, utf8 } from '@sabot/columnar';
import { batchFromArrow, batchToArrow, tableFromBatches } from '@sabot/columnar/arrow';
import {
  decodeBatch,
  decodeIpcFile,
  decodeIpcStream,
  encodeBatch,
  encodeIpcFile,
  encodeIpcStream,
  loadZstd,
  openIpcFile,
  schemaFromBytes,
  schemaToBytes,
} from '@sabot/columnar/ipc';
import { concatBatches } from '@sabot/columnar/kernels';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { type RecordBatch, tableFromIPC, tableToIPC } from 'apache-arrow';
import { describe, expect, test, vi } from 'vitest';
import { allTypes } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

function batchOfSeed(seed: number): Batch<typeof allTypes.fields> {
  const random = seededRandom(seed);
  return randomBatch(allTypes, seed % 9 === 0 ? seed % 2 : 1 + Math.floor(random() * 40), random);
}

describe('an encoded batch', () => {
  test('decodes to the same rows, whatever its slice and bit offset', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const batch = batchOfSeed(seed);
      expect(rowsOf(decodeBatch(allTypes, encodeBatch(batch))), `seed ${seed}`).toEqual(rowsOf(batch));
    }
  });

  test('is read by apache-arrow, and what apache-arrow writes is read here', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const batch = batchOfSeed(seed);
      const theirs = tableFromIPC(encodeBatch(batch));
      expect(theirs.numRows).toBe(batch.numRows);
      const seen = theirs.batches.flatMap((part) => rowsOf(batchFromArrow(part)));
      expect(seen, `seed ${seed}`).toEqual(rowsOf(batch));
      const back = decodeIpcStream(tableToIPC(tableFromBatches(allTypes, [batch]), 'stream'));
      expect(
        back.batches.flatMap((part) => rowsOf(part)),
        `seed ${seed}`,
      ).toEqual(rowsOf(batch));
    }
  });

  test('is decoded without copying the values', () => {
    const schema = defineSchema({ n: int64() });
    const bytes = encodeBatch(randomBatch(schema, 1000, seededRandom(1)));
    expect(decodeBatch(schema, bytes).column('n').values.buffer).toBe(bytes.buffer);
  });

  test('of another schema is refused with both schemas named', () => {
    const bytes = encodeBatch(randomBatch(defineSchema({ a: utf8() }), 3, seededRandom(1)));
    expect(() => decodeBatch(defineSchema({ b: int64() }), bytes)).toThrow(
      /\(a: utf8\).*\(b: int64\).*SCHEMA_MISMATCH/,
    );
  });
});

describe('a stream', () => {
  test('keeps batches, schema and metadata', () => {
    const batches = [batchOfSeed(1), batchOfSeed(0), sliceBatch(batchOfSeed(2), 1)];
    const stream = decodeIpcStream(encodeIpcStream(allTypes, batches));
    expect(describeSchema(stream.schema)).toBe(describeSchema(allTypes));
    expect(stream.schema.metadata).toEqual(allTypes.metadata);
    expect(stream.batches.map((batch) => rowsOf(batch))).toEqual(batches.map((batch) => rowsOf(batch)));
  });

  test('without batches is a schema', () => {
    expect(schemaFromBytes(schemaToBytes(allTypes))).toEqual(allTypes);
  });
});

describe('a batch as an Arrow record batch', () => {
  test('goes there and back without copying or change', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const batch = batchOfSeed(seed);
      const arrow: RecordBatch = batchToArrow(batch);
      expect(rowsOf(batchFromArrow(arrow)), `seed ${seed}`).toEqual(rowsOf(batch));
      const cut = Math.floor(batch.numRows / 2);
      expect(rowsOf(batchFromArrow(arrow.slice(cut)))).toEqual(rowsOf(batch).slice(cut));
    }
    const bare = defineSchema({ n: int64() });
    const batch = randomBatch(bare, 10, seededRandom(1), { sliced: false });
    expect(batchFromArrow(batchToArrow(batch)).columns[0]?.values.buffer).toBe(batch.column('n').values.buffer);
  });
});

describe('a file', () => {
  test('keeps batches, schema and metadata, with one dictionary per column, and gives any batch by itself', () => {
    const batches = [batchOfSeed(1), batchOfSeed(0), sliceBatch(batchOfSeed(2), 1), batchOfSeed(3)];
    const file = openIpcFile(encodeIpcFile(allTypes, batches));
    expect(describeSchema(file.schema)).toBe(describeSchema(allTypes));
    expect(file.schema.metadata).toEqual(allTypes.metadata);
    expect(file.numBatches).toBe(4);
    expect(rowsOf(file.batch(2))).toEqual(rowsOf(batches[2] as Batch));
    const words = Array.from({ length: 4 }, (_, i) => file.batch(i).column('code').children[0]);
    expect(new Set(words).size).toBe(1);
    expect(() => file.batch(4)).toThrow(/batch 4.*it has 4.*KERNEL_ARGUMENT_INVALID/);
  });

  test('is read by apache-arrow, and what apache-arrow writes is read here', () => {
    for (let seed = 0; seed < SEEDS / 4; seed++) {
      const batches = [batchOfSeed(seed), batchOfSeed(seed + 1)];
      const rows = batches.flatMap((batch) => rowsOf(batch));
      const theirs = tableFromIPC(encodeIpcFile(allTypes, batches));
      expect(
        theirs.batches.flatMap((part) => rowsOf(batchFromArrow(part))),
        `seed ${seed}`,
      ).toEqual(rows);
      const ours = decodeIpcFile(tableToIPC(tableFromBatches(allTypes, [batchOfSeed(seed)]), 'file'));
      expect(
        ours.batches.flatMap((part) => rowsOf(part)),
        `seed ${seed}`,
      ).toEqual(rowsOf(batchOfSeed(seed)));
    }
  });

  test('without batches is a schema', () => {
    expect(decodeIpcFile(encodeIpcFile(allTypes, []))).toEqual({ schema: allTypes, batches: [] });
  });
});

describe.each(['lz4', 'zstd'] as const)('%s compression', (compression) => {
  test('gives back the same rows, from streams and files', async () => {
    await loadZstd();
    for (let seed = 0; seed < SEEDS; seed++) {
      const batches = [batchOfSeed(seed), batchOfSeed(seed + 1)];
      const rows = batches.map((batch) => rowsOf(batch));
      const stream = decodeIpcStream(encodeIpcStream(allTypes, batches, { compression }));
      expect(stream.batches.map((batch) => rowsOf(batch))).toEqual(rows);
      const file = decodeIpcFile(encodeIpcFile(allTypes, batches, { compression }));
      expect(file.batches.map((batch) => rowsOf(batch))).toEqual(rows);
    }
  });

  test('makes repetitive columns much smaller', async () => {
    await loadZstd();
    const schema = defineSchema({ n: int64() });
    const batch = concatBatches(
      schema,
      Array.from({ length: 50 }, () => randomBatch(schema, 100, seededRandom(1))),
    );
    expect(encodeIpcStream(schema, [batch], { compression }).length * 4).toBeLessThan(encodeBatch(batch).length);
  });
});

test('ZSTD that was not loaded is asked for by name', async () => {
  vi.resetModules();
  const fresh = await import('@sabot/columnar/ipc');
  const schema = defineSchema({ n: int64() });
  const batch = randomBatch(schema, 10, seededRandom(1));
  expect(() => fresh.encodeIpcStream(schema, [batch], { compression: 'zstd' })).toThrow(/loadZstd\(\).*CODEC_MISSING/);
});
