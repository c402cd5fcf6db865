import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

  it('stops when the signal aborts', async () => {
    const source = csvSource(await fileOf('iata,city,runways\nA,B,1\n'), { schema: cities });
    const [split] = await source.splits();
    const reader = await source.read(split as { id: string }, undefined, { columns: undefined, batchRows: 10 });
    await expect(reader.poll(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    await reader.close();
  });
});
