import { type Batch, defineSchema, describeSchema, int64, rowsOf, sliceBatch, utf8 } from '@sabot/columnar';
import { batchFromArrow, batchToArrow, tableFromBatches } from '@sabot/columnar/arrow';
import {
  decodeBatch,
  decodeIpcStream,
  encodeBatch,
  encodeIpcStream,
  schemaFromBytes,
  schemaToBytes,
} from '@sabot/columnar/ipc';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { isSabotError } from '@sabot/core-observability/errors';
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

describe('damaged bytes', () => {
  const MUTATIONS = 20 * SEEDS;

  test(`end in a coded error or a batch that can be read, over ${MUTATIONS} mutations`, () => {
    const outcomes = { errors: 0, batches: 0 };
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const random = seededRandom(seed);
      const bytes = encodeIpcStream(allTypes, [randomBatch(allTypes, 1 + (seed % 5), seededRandom(seed % 20))]);
      try {
        // Reading every value walks every offset, code and bit.
        for (const batch of decodeIpcStream(mutated(bytes, random)).batches) rowsOf(sliceBatch(batch, 0, 1000));
        outcomes.batches++;
      } catch (error) {
        if (!isSabotError(error)) throw new Error(`seed ${seed}`, { cause: error });
        outcomes.errors++;
      }
    }
    expect(outcomes.errors).toBeGreaterThan(MUTATIONS / 10);
    expect(outcomes.batches).toBeGreaterThan(MUTATIONS / 100);
  });
});

/** Flips bits, sets extreme words, cuts off or doubles pieces. */
function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const extremes = [0, -1, 1, 0x7fffffff, -0x80000000, 0xffff, 64, 0x40000000];
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
    const at = Math.floor(random() * (copy.length - 8));
    const kind = random();
    if (kind < 0.4) copy[at] = (copy[at] as number) ^ (1 << Math.floor(random() * 8));
    else if (kind < 0.7) view.setInt32(at & ~3, extremes[Math.floor(random() * extremes.length)] as number, true);
    else if (kind < 0.85) copy.copyWithin(at, Math.floor(random() * copy.length), Math.floor(random() * copy.length));
    else return copy.subarray(0, at);
  }
  return copy;
}
