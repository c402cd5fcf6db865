import { type DataType, defineSchema, dictionary, int32, int64, utf8 } from '@sabot/columnar';
import { decodeIpcStream, encodeIpcStream, loadZstd } from '@sabot/columnar/ipc';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { Binary, Dictionary, Int32, makeData, Table, tableToIPC, Vector, vectorFromArray } from 'apache-arrow';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { decompressLz4Block } from '../../src/ipc/compression/lz4-block.js';
import { compressLz4 } from '../../src/ipc/compression/lz4-frame.js';
import { compressZstd, decompressZstd } from '../../src/ipc/compression/zstd.js';
import { MessageDecoder } from '../../src/ipc/message-decoder.js';
import { ReadBudget } from '../../src/ipc/read-budget.js';
import type { StoredField } from '../../src/ipc/schema-reader.js';
import { decodeDamaged, FORMS } from '../support/mutate.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });
beforeAll(loadZstd);

/** `SABOT_TEST_RUNS=1500` makes 108,000 mutations; `pnpm --filter @sabot/columnar fuzz` any number. */
const MUTATIONS = 12 * SEEDS;

describe.each(FORMS)('a damaged $form with compression $compression', (form) => {
  test(
    `ends in a coded error or in batches that can be read, over ${MUTATIONS} mutations`,
    () => {
      const outcomes = { error: 0, batches: 0 };
      for (let seed = 0; seed < MUTATIONS; seed++) outcomes[decodeDamaged(form, seed)]++;
      expect(outcomes.error).toBeGreaterThan(MUTATIONS / 10);
      expect(outcomes.batches).toBeGreaterThan(MUTATIONS / 100);
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe('bytes that claim more memory than they are worth', () => {
  const schema = defineSchema({ n: int64() });
  const zeros = randomBatch(schema, 0, seededRandom(1));

  test.each(['lz4', 'zstd'] as const)('as a %s bomb are refused before memory is taken', (compression) => {
    const n = {
      ...randomBatch(schema, 1, seededRandom(1)).column('n'),
      length: 4_000_000,
      values: new Int32Array(8_000_000),
    };
    const bytes = encodeIpcStream(schema, [{ ...zeros, numRows: 4_000_000, columns: [n] }], { compression });
    expect(bytes.length).toBeLessThan(200_000);
    expect(() => decodeIpcStream(bytes, { maxDecodedBytes: 1_000_000 })).toThrow('SABOT_COLUMNAR_IPC_TOO_LARGE');
    expect(decodeIpcStream(bytes).batches[0]?.numRows).toBe(4_000_000);
  });

  test('as one long word for many rows are refused', () => {
    const words = vectorFromArray([new Uint8Array(1_000_000)], new Binary());
    const bytes = encoded('long', new Dictionary(new Binary(), new Int32(), 1), words, new Int32Array(10_000));
    expect(() => decodeIpcStream(bytes)).toThrow('SABOT_COLUMNAR_IPC_TOO_LARGE');
  });
});

/** A stream of one dictionary-encoded column, by apache-arrow. */
function encoded(name: string, type: Dictionary, words: Vector, codes: Int32Array): Uint8Array {
  const data = makeData({ type, data: codes, dictionary: words });
  return tableToIPC(new Table({ [name]: new Vector([data]) }), 'stream');
}

test('two columns that give one dictionary two types are refused', () => {
  const field = (name: string, type: DataType): StoredField => {
    const words = { name, type, large: false, fixedSize: 0, children: [], dictionary: null };
    return { ...words, dictionary: { id: '7', words, index: int32() } };
  };
  const schema = defineSchema({ a: dictionary(), b: int64() });
  const decoder = (fields: readonly StoredField[]) => new MessageDecoder({ schema, fields }, new ReadBudget(0));
  expect(() => decoder([field('a', utf8()), field('b', int64())])).toThrow(/two types.*IPC_MALFORMED/);
  expect(() => decoder([field('a', utf8()), field('b', utf8())])).not.toThrow();
});

describe('a ZSTD frame', () => {
  const content = new TextEncoder().encode('abc'.repeat(1000));

  test('of another size than its metadata says is refused before memory is taken', () => {
    expect(() => decompressZstd(compressZstd(content), content.length + 1)).toThrow('another size');
    expect(decompressZstd(compressZstd(content), content.length)).toEqual(content);
  });

  test('that does not say its size, as streaming writers make it, is read', () => {
    // One raw block: magic, no content size, window of 1 KiB, last block of 3 bytes.
    const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x19, 0x00, 0x00, 97, 98, 99);
    expect(decompressZstd(frame, 3)).toEqual(Uint8Array.of(97, 98, 99));
    expect(() => decompressZstd(frame, 4)).toThrow('IPC_MALFORMED');
  });
});

test('an LZ4 match that starts before the content is refused', () => {
  // One literal, then a match of 4 bytes from 2 bytes back, where there is only one.
  const block = Uint8Array.of(0x10, 97, 2, 0, 0);
  expect(() => decompressLz4Block(block, new Uint8Array(100), 0)).toThrow(/match outside.*IPC_MALFORMED/);
});

test('an LZ4 frame is no ZSTD frame', () => {
  expect(() => decompressZstd(compressLz4(new Uint8Array(10)), 10)).toThrow('not a ZSTD frame');
});
