import { type Batch, rowsOf, sliceBatch } from '@sabot/columnar';
import { decodeIpcFile, decodeIpcStream, encodeIpcFile, encodeIpcStream, loadZstd } from '@sabot/columnar/ipc';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import pl from 'nodejs-polars';
import { beforeAll, describe, expect, test } from 'vitest';
import { allTypes } from '../support/schemas.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

beforeAll(loadZstd);

const ways = (['none', 'lz4', 'zstd'] as const).flatMap((ours) =>
  (['stream', 'file'] as const).map((form) => [form, ours] as const),
);
const theirs = { none: 'uncompressed', lz4: 'lz4', zstd: 'zstd' } as const;

/** Polars keeps times in nanoseconds, whose milliseconds are floats with a rounded last digit. */
function comparable(batches: readonly Batch[]): unknown[] {
  return batches.flatMap((batch) =>
    rowsOf(batch).map((row) => {
      const at = Math.round((row['zoned'] as number) * 1000);
      return { ...row, zoned: at };
    }),
  );
}

describe.each(ways)(
  'Polars, an Arrow implementation in Rust, given an IPC %s with compression %s',
  (form, compression) => {
    const options = compression === 'none' ? {} : { compression };

    test(
      'reads every type, slice and dictionary, and what it writes is read here as the same rows',
      () => {
        for (let seed = 0; seed < Math.max(3, SEEDS / 10); seed++) {
          const random = seededRandom(seed);
          const whole = randomBatch(allTypes, 1 + Math.floor(random() * 50), random);
          const batches = [whole, sliceBatch(whole, Math.floor(whole.numRows / 3)), randomBatch(allTypes, 20, random)];
          const bytes = Buffer.from((form === 'file' ? encodeIpcFile : encodeIpcStream)(allTypes, batches, options));
          const frame = form === 'file' ? pl.readIPC(bytes) : pl.readIPCStream(bytes);
          expect(frame.columns).toEqual(allTypes.names);
          const back =
            form === 'file'
              ? decodeIpcFile(frame.writeIPC({ compression: theirs[compression] }))
              : decodeIpcStream(frame.writeIPCStream({ compression: theirs[compression] }));
          expect(comparable(back.batches), `seed ${seed}`).toEqual(comparable(batches));
        }
      },
      PROPERTY_TIMEOUT_MS,
    );
  },
);

test('Polars shows the values that were written', () => {
  const batch = randomBatch(allTypes, 200, seededRandom(7));
  const frame = pl.readIPC(Buffer.from(encodeIpcFile(allTypes, [batch], { compression: 'zstd' })));
  for (const name of ['i8', 'u32', 'i64', 'f64', 'flag', 'text', 'code', 'numbers', 'words'] as const) {
    const shown = frame.getColumn(name).toArray().map(plain);
    expect(shown, name).toEqual(rowsOf(batch).map((row) => plain(row[name])));
  }
});

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
}
