import { basename } from 'node:path';
import {
  batchFromRows,
  binary,
  bool,
  defineSchema,
  float64,
  int32,
  int64,
  nullable,
  type RowOf,
  rowsOf,
  timestamp,
  utf8,
} from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import type { ParquetFileContents } from '../../src/source/file-position.js';
import { parquetSource, readParquetSchema } from '../../src/source/parquet-source.js';
import { openSplit, positionAt, readAll, useFolder, writtenFile } from './written-files.js';

const schema = defineSchema({
  id: int32(),
  big: int64(),
  mean: nullable(float64()),
  name: nullable(utf8()),
  seen: bool(),
  at: timestamp('ms'),
  raw: binary(),
});
type Row = RowOf<typeof schema.fields>;

function rowOf(id: number): Row {
  return {
    id,
    big: BigInt(id) * 10_000_000_000n,
    mean: id % 3 === 0 ? null : id / 7,
    name: id % 5 === 0 ? null : `näme ${id}`,
    seen: id % 2 === 0,
    at: 1_700_000_000_000 + id,
    raw: Uint8Array.from([id & 255, 0]),
  };
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => rowOf(from + at));
const folder = useFolder();
const hundred = (name: string, rowGroupRows = 30) =>
  writtenFile(folder.path(name), [batchFromRows(schema, rows(0, 100))], rowGroupRows);

describe('parquetSource', () => {
  it('gives every row of every row group, with nulls, in order', async () => {
    const source = parquetSource(await hundred('a.parquet'), { schema });
    const taken = await readAll(source);
    expect(taken.flatMap(({ batch }) => rowsOf(batch))).toEqual(rows(0, 100));
    const [file] = (await source.inspect()).files;
    const { path: _, ...fingerprint } = file as ParquetFileContents;
    expect(fingerprint).toEqual({ fileRows: 100, fileBytes: expect.any(Number), footerCrc32: expect.any(Number) });
    expect(taken.map(({ batch, position }) => [batch.numRows, position])).toEqual([
      [30, { row: 30, ...fingerprint }],
      [30, { row: 60, ...fingerprint }],
      [30, { row: 90, ...fingerprint }],
      [10, { row: 100, ...fingerprint }],
    ]);
    expect(source.stats).toMatchObject({ rows: 100, rowGroups: 4 });
  });

  it('gives batches of at most the rows asked for', async () => {
    const source = parquetSource(await hundred('b.parquet'), { schema });
    const taken = await readAll(source, { batchRows: 12 });
    expect(taken.map(({ batch }) => batch.numRows)).toEqual([12, 12, 6, 12, 12, 6, 12, 12, 6, 10]);
    expect(taken.flatMap(({ batch }) => rowsOf(batch))).toEqual(rows(0, 100));
  });

  it('goes on from every position that it gave', { timeout: 60_000 }, async () => {
    const source = parquetSource(await hundred('c.parquet'), { schema });
    let seen = 0;
    for (const { batch, position } of await readAll(source, { batchRows: 7 })) {
      seen += batch.numRows;
      const rest = await readAll(source, { batchRows: 11, position });
      expect(rest.flatMap((taken) => rowsOf(taken.batch))).toEqual(rows(seen, 100));
    }
    expect(seen).toBe(100);
  });

  it('reads only the columns asked for, in the order asked for', async () => {
    const source = parquetSource(await hundred('d.parquet'), { schema });
    const [first] = await readAll(source, { columns: ['name', 'id'] });
    expect(first?.batch.schema.names).toEqual(['name', 'id']);
    expect(rowsOf(first?.batch as never)[1]).toEqual({ name: 'näme 1', id: 1 });
    const few = source.stats.compressedBytes;
    await readAll(source);
    expect(source.stats.compressedBytes - few).toBeGreaterThan(few * 2);
  });

  it('counts rows without reading a column', async () => {
    const source = parquetSource(await hundred('e.parquet'), { schema });
    const taken = await readAll(source, { columns: [], batchRows: 20, position: await positionAt(source, 35) });
    expect(taken.map(({ batch }) => batch.numRows)).toEqual([20, 5, 20, 10, 10]);
    expect(source.stats.compressedBytes).toBe(0);
  });

  it('is a split per file', async () => {
    const one = await hundred('f1.parquet');
    const two = await writtenFile(folder.path('f2.parquet'), [batchFromRows(schema, rows(100, 120))]);
    const source = parquetSource([one, two], { schema });
    expect(await source.splits()).toEqual([{ id: one }, { id: two }]);
    const taken = await readAll(source, { split: 1 });
    expect(taken.flatMap(({ batch }) => rowsOf(batch))).toEqual(rows(100, 120));
    expect(source.name).toBe('f1.parquet');
    expect(source.bounded).toBe(true);
  });

  it('says what its files hold without reading them', async () => {
    const source = parquetSource([await hundred('m1.parquet'), await hundred('m2.parquet')], { schema });
    const { rows: total, rowGroups, bytes, files } = await source.inspect();
    expect({ total, rowGroups }).toEqual({ total: 200, rowGroups: 8 });
    expect(files.map(({ path, fileRows }) => [basename(path), fileRows])).toEqual([
      ['m1.parquet', 100],
      ['m2.parquet', 100],
    ]);
    expect(source.stats).toEqual({ rows: 0, rowGroups: 0, compressedBytes: 0, waitMs: 0 });
    await readAll(source, { split: 0 });
    await readAll(source, { split: 1 });
    expect(source.stats.compressedBytes).toBe(bytes);
  });

  it('reads a file without rows', async () => {
    const empty = await writtenFile(folder.path('g.parquet'), [batchFromRows(schema, [])]);
    expect(await readAll(parquetSource(empty, { schema }))).toEqual([]);
  });

  it('takes columns that the file marks as nullable for columns without nulls, while there is none', async () => {
    const stored = defineSchema({ x: nullable(int32()) });
    const full = await writtenFile(folder.path('h1.parquet'), [batchFromRows(stored, [{ x: 1 }, { x: 2 }])]);
    const strict = defineSchema({ x: int32() });
    const [taken] = await readAll(parquetSource(full, { schema: strict }));
    expect(taken?.batch.schema.fields['x']).toEqual(int32());
    const holed = await writtenFile(folder.path('h2.parquet'), [batchFromRows(stored, [{ x: 1 }, { x: null }])]);
    await expect(readAll(parquetSource(holed, { schema: strict }))).rejects.toMatchObject({
      code: 'SABOT_PARQUET_UNEXPECTED_NULL',
      remedy: 'Declare it as nullable(int32).',
    });
  });

  it('stops when its signal is aborted, and after it has been closed', async () => {
    const reader = await openSplit(parquetSource(await hundred('i.parquet'), { schema }), { batchRows: 5 });
    const controller = new AbortController();
    await reader.poll(controller.signal);
    controller.abort();
    await expect(reader.poll(controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await reader.close();
    await reader.close();
    await expect(reader.poll(new AbortController().signal)).rejects.toMatchObject({
      code: 'SABOT_PARQUET_OPTION_INVALID',
    });
  });

  it('refuses no path, an empty path, a path twice and batches without rows', async () => {
    const code = 'SABOT_PARQUET_OPTION_INVALID';
    for (const paths of [[], [''], ['a', 'a']]) {
      expect(() => parquetSource(paths, { schema })).toThrow(expect.objectContaining({ code }));
    }
    const source = parquetSource(await hundred('j.parquet'), { schema });
    await expect(readAll(source, { batchRows: 0 })).rejects.toMatchObject({ code });
  });

  it('refuses a position that the file does not have', async () => {
    const source = parquetSource(await hundred('k.parquet'), { schema });
    const whole = await positionAt(source, 100);
    for (const row of [101, -1, 1.5, '3', null]) {
      const position = { ...whole, row };
      await expect(readAll(source, { position })).rejects.toMatchObject({ code: 'SABOT_PARQUET_POSITION_INVALID' });
    }
    for (const position of [{ row: 3 }, { offset: 3 }, {}]) {
      await expect(readAll(source, { position })).rejects.toMatchObject({ code: 'SABOT_PARQUET_POSITION_INVALID' });
    }
  });

  it('refuses to go on in a file that has taken the place of the one that was read, and describes both', async () => {
    const path = await hundred('replaced.parquet');
    const source = parquetSource(path, { schema });
    const position = await positionAt(source, 60);
    // As many rows of as many bytes: only the footer's statistics tell them apart.
    const others = rows(0, 100).map((row) => ({ ...row, id: row.id + 1000 }));
    await writtenFile(path, [batchFromRows(schema, others)], 30);
    const failure = readAll(source, { position });
    await expect(failure).rejects.toMatchObject({ code: 'SABOT_PARQUET_POSITION_INVALID', kind: 'usage' });
    const { fileBytes } = position;
    await expect(failure).rejects.toThrow(
      new RegExp(
        `replaced\\.parquet" after row 60: the checkpoint was made with a file of 100 rows and ${fileBytes} bytes \\(footer [0-9a-f]{8}\\), and there is a file of 100 rows and ${fileBytes} bytes`,
      ),
    );
    await writtenFile(path, [batchFromRows(schema, rows(0, 100))], 30);
    expect((await readAll(source, { position })).flatMap(({ batch }) => rowsOf(batch))).toEqual(rows(60, 100));
  });
});

describe('readParquetSchema', () => {
  it('says what a file has', async () => {
    const stored = await readParquetSchema(await hundred('l.parquet'));
    expect(stored.names).toEqual(schema.names);
    expect(stored.fields).toEqual(schema.fields);
  });
});
