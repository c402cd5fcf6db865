import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Batch,
  bool,
  defineSchema,
  type Fields,
  float64,
  int32,
  int64,
  list,
  nullable,
  rowsOf,
  timestamp,
  utf8,
} from '@sabot/columnar';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Source, SplitPosition } from '../../src/ports/source.js';
import { csvSource } from '../../src/sources/csv-source.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

const live = new AbortController().signal;

async function fileOf(text: string): Promise<string> {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.csv`);
  await writeFile(path, text);
  return path;
}

async function readFrom<F extends Fields>(
  source: Source<F>,
  from?: SplitPosition,
  batchRows = 2,
  columns?: readonly string[],
): Promise<{ rows: unknown[]; positions: SplitPosition[] }> {
  const [split] = await source.splits();
  const reader = await source.read(split as { id: string }, from, { columns, batchRows });
  const rows: unknown[] = [];
  const positions: SplitPosition[] = [];
  try {
    for (let polled = await reader.poll(live); polled.kind !== 'end'; polled = await reader.poll(live)) {
      if (polled.kind !== 'batch') continue;
      rows.push(...rowsOf(polled.batch as Batch));
      positions.push(polled.position);
    }
  } finally {
    await reader.close();
  }
  return { rows, positions };
}

/** One character of a text made another. */
const changedAt = (text: string, at: number) => `${text.slice(0, at)}~${text.slice(at + 1)}`;

const cities = defineSchema({ iata: utf8(), city: nullable(utf8()), runways: int32() });

describe('csvSource', () => {
  it('reads typed columns by their header names in the order of the schema', async () => {
    const path = await fileOf('runways,country,iata,city\n5,US,ATL,Atlanta\n2,US,"A,B",\n');
    expect((await readFrom(csvSource(path, { schema: cities }))).rows).toEqual([
      { iata: 'ATL', city: 'Atlanta', runways: 5 },
      { iata: 'A,B', city: null, runways: 2 },
    ]);
  });

  it('reads 64-bit integers, floats, booleans and instants in UTC', async () => {
    const schema = defineSchema({ n: int64(), x: float64(), ok: bool(), at: timestamp('ms') });
    const path = await fileOf(
      'n,x,ok,at\n9007199254740993,-1.5e3,TRUE,2001-01-01 00:30\n-1,.5,0,2001-01-01T02:00+01:00\n',
    );
    expect((await readFrom(csvSource(path, { schema }))).rows).toEqual([
      { n: 9007199254740993n, x: -1500, ok: true, at: Date.UTC(2001, 0, 1, 0, 30) },
      { n: -1n, x: 0.5, ok: false, at: Date.UTC(2001, 0, 1, 1) },
    ]);
  });

  it('skips a byte order mark and reads carriage returns, quotes and line breaks inside cells', async () => {
    const path = await fileOf('\uFEFFiata,city,runways\r\n"A""B","two\nlines",1\r\n');
    expect((await readFrom(csvSource(path, { schema: cities }))).rows).toEqual([
      { iata: 'A"B', city: 'two\nlines', runways: 1 },
    ]);
  });

  it('reads files without a header in the order of the schema', async () => {
    const path = await fileOf('ATL;NA;5\n');
    const source = csvSource(path, { schema: cities, header: false, delimiter: ';', nullValues: ['NA'] });
    expect((await readFrom(source)).rows).toEqual([{ iata: 'ATL', city: null, runways: 5 }]);
  });

  it('reads only the columns that the plan asks for', async () => {
    const path = await fileOf('iata,city,runways\nATL,Atlanta,not read\n');
    expect((await readFrom(csvSource(path, { schema: cities }), undefined, 2, ['city'])).rows).toEqual([
      { city: 'Atlanta' },
    ]);
  });

  it('goes on from the position after any batch', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é', '€', '😀', ' ') });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { maxLength: 12 }), fc.boolean(), fc.boolean(), async (cells, bom, header) => {
        const schema = defineSchema({ i: int32(), text: utf8() });
        const lines = cells.map((text, i) => `${i},"${text.replaceAll('"', '""')}"`);
        const path = await fileOf((bom ? '\uFEFF' : '') + [...(header ? ['i,text'] : []), ...lines, ''].join('\n'));
        fc.pre(header || cells.length > 0);
        const source = csvSource(path, { schema, header });
        const all = await readFrom(source);
        expect(all.rows).toEqual(cells.map((text, i) => ({ i, text })));
        for (const [done, position] of all.positions.entries()) {
          const stored = JSON.parse(JSON.stringify(position)) as SplitPosition;
          expect((await readFrom(source, stored)).rows).toEqual(all.rows.slice((done + 1) * 2));
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    [
      'a missing file',
      () => csvSource(join(folder, 'absent.csv'), { schema: cities }),
      'SABOT_STREAM_SOURCE_FAILED',
      'absent.csv',
    ],
    [
      'an empty file',
      async () => csvSource(await fileOf(''), { schema: cities }),
      'SABOT_STREAM_SOURCE_FAILED',
      'empty',
    ],
    [
      'a missing column',
      async () => csvSource(await fileOf('iata,runways\n'), { schema: cities }),
      'SABOT_STREAM_COLUMN_UNKNOWN',
      '"city"',
    ],
    [
      'a cell of another type',
      async () => csvSource(await fileOf('iata,city,runways\nA,B,1\nC,D,many\n'), { schema: cities }),
      'SABOT_STREAM_SCHEMA_MISMATCH',
      '"many" is no int32',
    ],
    [
      'an integer out of range',
      async () => csvSource(await fileOf('iata,city,runways\nA,B,2147483648\n'), { schema: cities }),
      'SABOT_STREAM_SCHEMA_MISMATCH',
      'line 2',
    ],
    [
      'a record with too few cells',
      async () => csvSource(await fileOf('iata,city,runways\nA,B,1\nC,D\n'), { schema: cities }),
      'SABOT_STREAM_SCHEMA_MISMATCH',
      'line 3',
    ],
    [
      'an unclosed quote',
      async () => csvSource(await fileOf('iata,city,runways\n"A,B,1\n'), { schema: cities }),
      'SABOT_STREAM_SOURCE_FAILED',
      'Quote',
    ],
  ])('refuses %s with a coded error that names the place', async (_what, make, code, part) => {
    const source = await make();
    await expect(readFrom(source)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  it('refuses a column type that text cannot carry before it opens anything', () => {
    expect(() => csvSource('never.csv', { schema: defineSchema({ items: list(utf8()) }) })).toThrow('list<utf8>');
  });

  it('goes on in a file that has grown since', async () => {
    const path = await fileOf('iata,city,runways\nA,B,1\nC,D,2\n');
    const source = csvSource(path, { schema: cities });
    const { positions } = await readFrom(source);
    await appendFile(path, 'E,F,3\n');
    expect((await readFrom(source, positions[0])).rows).toEqual([{ iata: 'E', city: 'F', runways: 3 }]);
  });

  it.each([
    ['another file of the same length', (text: string) => text.replace('A0,', 'B0,')],
    ['one that differs only shortly before the position', (text: string) => changedAt(text, text.length - 100)],
    ['a shorter one', (text: string) => text.slice(0, 70_000)],
  ])('refuses to go on in %s', async (_what, change) => {
    const lines = Array.from({ length: 8000 }, (_, line) => `A${line},Atlanta,${line}\n`);
    const whole = `iata,city,runways\n${lines.join('')}`;
    const path = await fileOf(whole);
    const source = csvSource(path, { schema: cities });
    const { positions } = await readFrom(source, undefined, 1000);
    const position = positions.find(({ offset }) => Number(offset) > 80_000 && Number(offset) < 80_000 + 4096 * 4);
    expect(position).toBeDefined();
    await writeFile(
      path,
      change(whole.slice(0, Number(position?.['offset']))) + whole.slice(Number(position?.['offset'])),
    );
    const failure = { code: 'SABOT_STREAM_POSITION_INVALID', kind: 'usage', message: expect.stringContaining(path) };
    await expect(readFrom(source, position)).rejects.toMatchObject(failure);
  });

  it('refuses a position that is none', async () => {
    const source = csvSource(await fileOf('iata,city,runways\nA,B,1\n'), { schema: cities });
    for (const position of [{}, { offset: 3 }, { row: 1 }, { offset: '18', line: 1, prefixCrc32: 1 }]) {
      await expect(readFrom(source, position)).rejects.toMatchObject({ code: 'SABOT_STREAM_POSITION_INVALID' });
    }
  });

  it.each([
    ['in a column that is read', 'iata,city,runways\nA,B,1\nC,S\u00e3o Paulo,2\n', 'line 3'],
    ['in one that is not', 'iata,city,runways,mayor\nA,B,1,x\nC,D,2,y\nE,F,3,Jos\u00e9\n', 'line 4'],
    ['at the very end', 'iata,city,runways,mayor\nA,B,1,Jos\u00e9', 'line 2'],
    ['in the header', 'iata,city,runways,\u00e9tat\nA,B,1,x\n', 'line 1'],
  ])('refuses Latin-1 %s, naming the line', async (_what, text, line) => {
    const path = await fileOf('');
    await writeFile(path, Buffer.from(text, 'latin1'));
    const code = 'SABOT_STREAM_SCHEMA_MISMATCH';
    const failure = readFrom(csvSource(path, { schema: cities }));
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(`${line} of`) });
    await expect(failure).rejects.toThrow('no UTF-8');
  });

  it('gives the batches before a line that is no UTF-8', async () => {
    const path = await fileOf('');
    await writeFile(path, Buffer.from('iata,city,runways\nA,B,1\nC,D,2\nE,\u00fc,3\n', 'latin1'));
    const source = csvSource(path, { schema: cities });
    const [split] = await source.splits();
    const reader = await source.read(split as { id: string }, undefined, { columns: undefined, batchRows: 2 });
    expect(await reader.poll(live)).toMatchObject({ kind: 'batch', batch: { numRows: 2 } });
    await expect(reader.poll(live)).rejects.toMatchObject({ code: 'SABOT_STREAM_SCHEMA_MISMATCH' });
    await reader.close();
  });

  it('stops when the signal aborts', async () => {
    const source = csvSource(await fileOf('iata,city,runways\nA,B,1\n'), { schema: cities });
    const [split] = await source.splits();
    const reader = await source.read(split as { id: string }, undefined, { columns: undefined, batchRows: 10 });
    await expect(reader.poll(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    await reader.close();
  });
});
