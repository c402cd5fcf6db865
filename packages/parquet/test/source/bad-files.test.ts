import { mkdir, writeFile } from 'node:fs/promises';
import { batchFromRows, defineSchema, float64, int32, int64, utf8 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { parquetSource } from '../../src/source/parquet-source.js';
import { parquetBytes } from '../../src/testing/parquet-bytes.js';
import { readAll, useFolder } from './written-files.js';

const schema = defineSchema({ origin: utf8(), delay: int64(), distance: float64() });
const folder = useFolder();
const rows = Array.from({ length: 500 }, (_, at) => ({ origin: `A${at % 9}`, delay: BigInt(at), distance: at / 3 }));
const bytes = parquetBytes([batchFromRows(schema, rows)], { rowGroupRows: 100 });

async function file(name: string, content: Uint8Array | string): Promise<string> {
  await writeFile(folder.path(name), content);
  return folder.path(name);
}

const opening = (path: string, declared = schema) => parquetSource(path, { schema: declared }).splits();

describe('a Parquet source', () => {
  it('names a file that is missing', async () => {
    await expect(opening(folder.path('none.parquet'))).rejects.toMatchObject({ code: 'SABOT_PARQUET_FILE_MISSING' });
    await expect(opening(folder.path('none.parquet'))).rejects.toThrow(/none\.parquet": it does not exist/);
    await expect(opening(`${await file('plain', 'x')}/inside`)).rejects.toMatchObject({
      code: 'SABOT_PARQUET_FILE_MISSING',
    });
  });

  it('refuses a folder', async () => {
    await mkdir(folder.path('folder'));
    await expect(opening(folder.path('folder'))).rejects.toMatchObject({ code: 'SABOT_PARQUET_NOT_A_FILE' });
  });

  it('refuses files that are empty, of another format or encrypted', async () => {
    const code = 'SABOT_PARQUET_NOT_PARQUET';
    for (const content of ['', 'a,b\n1,2\n', 'PA', 'PARE encrypted footer']) {
      await expect(opening(await file('other', content)), content).rejects.toMatchObject({ code });
    }
  });

  it('refuses a file cut anywhere', async () => {
    for (const length of [4, 8, 11, 100, bytes.length >> 1, bytes.length - 8, bytes.length - 1]) {
      const cut = await file('cut.parquet', bytes.subarray(0, length));
      await expect(opening(cut), `${length} bytes`).rejects.toMatchObject({ code: 'SABOT_PARQUET_TRUNCATED' });
    }
  });

  it('refuses a footer that is longer than the file, and one that cannot be decoded', async () => {
    const long = bytes.slice();
    new DataView(long.buffer).setUint32(long.length - 8, 0x7fffffff, true);
    await expect(opening(await file('long.parquet', long))).rejects.toMatchObject({ code: 'SABOT_PARQUET_CORRUPT' });
    const garbled = bytes.slice();
    garbled.fill(0xee, garbled.length - 300, garbled.length - 8);
    await expect(opening(await file('garbled.parquet', garbled))).rejects.toMatchObject({
      code: 'SABOT_PARQUET_CORRUPT',
    });
  });

  it('gives the rows before a damaged page, then says where the damage is', async () => {
    const damaged = bytes.slice();
    damaged.fill(0xff, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.45));
    const source = parquetSource(await file('damaged.parquet', damaged), { schema });
    await expect(readAll(source)).rejects.toMatchObject({ code: 'SABOT_PARQUET_CORRUPT' });
    await expect(readAll(source)).rejects.toThrow(/cannot decode row group \d of ".*damaged\.parquet"/);
    expect(source.stats.rows).toBeGreaterThan(0);
    // The reader survives it.
    expect(await readAll(parquetSource(await file('whole.parquet', bytes), { schema }))).toHaveLength(5);
  });

  it('names a missing column, the ones there are, and the nearest', async () => {
    const whole = await file('whole2.parquet', bytes);
    const declared = defineSchema({ orign: utf8() });
    await expect(opening(whole, declared as never)).rejects.toMatchObject({ code: 'SABOT_PARQUET_COLUMN_MISSING' });
    await expect(opening(whole, declared as never)).rejects.toThrow(
      'the file has "origin", "delay", "distance"; did you mean "origin"?',
    );
    await expect(opening(whole, defineSchema({ xyz: utf8() }) as never)).rejects.toThrow('"distance". Declare');
  });

  it('names both types of a column whose type differs', async () => {
    const declared = defineSchema({ delay: int32() });
    const failure = opening(await file('whole3.parquet', bytes), declared as never);
    await expect(failure).rejects.toMatchObject({ code: 'SABOT_PARQUET_TYPE_MISMATCH' });
    await expect(failure).rejects.toThrow(/as int32: the file has it as int64/);
  });
});
