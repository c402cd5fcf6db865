import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, batchOf, defineSchema, int32, nullable, rowsOf, utf8 } from '@sabot/columnar';
import type { Source } from '@sabot/stream';
import type { Polled } from '@sabot/stream/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvTable, tableFromSource } from '../../src/table/table-loading.js';

const cities = defineSchema({ iata: utf8(), city: nullable(utf8()), runways: int32() });
type Cities = typeof cities.fields;

const atl = batchOf(cities, { iata: ['ATL'], city: ['Atlanta'], runways: [5] });
const more = batchOf(cities, { iata: ['ORD', 'ATL'], city: [null, 'Atlanta, GA'], runways: [8, 5] });

/** A source whose splits answer with these, then end. */
function scripted(splits: readonly (readonly (Batch<Cities> | 'empty' | Error)[])[], bounded = true) {
  const facts = { closed: 0, asked: [] as (readonly string[] | undefined)[] };
  const source: Source<Cities> = {
    name: 'scripted',
    schema: cities,
    bounded,
    splits: async () => splits.map((_, i) => ({ id: `${i}` })),
    async read(split, _position, request) {
      const answers = [...(splits[Number(split.id)] ?? [])];
      facts.asked.push(request.columns);
      return {
        async poll(): Promise<Polled> {
          const next = answers.shift();
          if (next === undefined) return { kind: 'end' };
          if (next instanceof Error) throw next;
          return next === 'empty'
            ? { kind: 'empty' }
            : { kind: 'batch', batch: next as unknown as Batch, position: {} };
        },
        async close() {
          facts.closed++;
        },
      };
    },
  };
  return { source, facts };
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-tables-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('tableFromSource', () => {
  it('reads every split to its end, the last row of a key winning across them', async () => {
    const { source, facts } = scripted([[atl, 'empty'], [], [more]]);
    const table = await tableFromSource(source, { key: 'iata' });
    expect(rowsOf(table.batch)).toEqual([
      { iata: 'ATL', city: 'Atlanta, GA', runways: 5 },
      { iata: 'ORD', city: null, runways: 8 },
    ]);
    expect([table.name, facts.closed]).toEqual(['scripted', 3]);
  });

  it('asks for and keeps only the columns that are wanted', async () => {
    const { source, facts } = scripted([[atl]]);
    const table = await tableFromSource(source, { key: 'iata', columns: ['iata', 'runways'] });
    expect(rowsOf(table.batch)).toEqual([{ iata: 'ATL', runways: 5 }]);
    expect(facts.asked).toEqual([['iata', 'runways']]);
  });

  it('refuses a source that never ends, a key that is not loaded, and a table that is too large', async () => {
    const endless = scripted([[atl]], false).source;
    await expect(tableFromSource(endless, { key: 'iata' })).rejects.toMatchObject({
      code: 'SABOT_JOINS_TABLE_UNBOUNDED',
    });
    const { source, facts } = scripted([[atl, more]]);
    const keyless = tableFromSource(source, { key: 'iata', columns: ['city' as 'iata'] });
    await expect(keyless).rejects.toThrow('table "scripted" has no column "iata"');
    await expect(tableFromSource(source, { key: 'iata', maxBytes: 8 })).rejects.toMatchObject({
      code: 'SABOT_JOINS_TABLE_TOO_LARGE',
    });
    expect(facts.closed).toBe(1);
  });

  it('closes the reader and says why when the source fails or the loading is stopped', async () => {
    const { source, facts } = scripted([[atl, new Error('disk gone')]]);
    await expect(tableFromSource(source, { key: 'iata' })).rejects.toMatchObject({
      code: 'SABOT_JOINS_TABLE_LOAD_FAILED',
      why: 'disk gone',
    });
    const stopped = scripted([[atl, more]]);
    const signal = AbortSignal.abort(new Error('no longer needed'));
    await expect(tableFromSource(stopped.source, { key: 'iata', signal })).rejects.toThrow('no longer needed');
    expect([facts.closed, stopped.facts.closed]).toEqual([1, 1]);
  });
});

describe('csvTable', () => {
  it('loads the file by its header', async () => {
    const path = join(folder, 'airports.csv');
    await writeFile(path, 'iata,name,city,runways\nATL,"Hartsfield, William",Atlanta,5\nXXX,Unknown,,0\n');
    const table = await csvTable(path, { schema: cities, key: 'iata' });
    expect(rowsOf(table.batch)).toEqual([
      { iata: 'ATL', city: 'Atlanta', runways: 5 },
      { iata: 'XXX', city: null, runways: 0 },
    ]);
    expect(table.name).toBe('airports.csv');
  });

  it("passes the source's own error on", async () => {
    const missing = csvTable(join(folder, 'absent.csv'), { schema: cities, key: 'iata' });
    await expect(missing).rejects.toMatchObject({ code: 'SABOT_STREAM_SOURCE_FAILED' });
  });
});
