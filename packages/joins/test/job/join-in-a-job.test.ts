import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, defineSchema, dictionary, int32, nullable, timestamp, utf8 } from '@sabot/columnar';
import { createTestObservability } from '@sabot/core-observability/testing';
import { collectSink, defineJob, memorySource, Stream, startJob } from '@sabot/stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamTableJoin } from '../../src/stream-table/stream-table-join.js';
import { csvTable } from '../../src/table/table-loading.js';
import { instrumentJoins } from '../../src/telemetry.js';
import { naiveJoin } from '../../src/testing.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-joins-'));
});
afterAll(() => rm(folder, { recursive: true }));

const flights = defineSchema({ at: timestamp('ms'), origin: nullable(utf8()), delay: int32() });
const airportColumns = defineSchema({ iata: utf8(), city: dictionary(), state: nullable(utf8()) });
const airports = [
  { iata: 'ATL', city: 'Atlanta', state: 'GA' },
  { iata: 'ORD', city: 'Chicago', state: null },
  { iata: 'SFO', city: 'San Francisco, CA', state: 'CA' },
];

async function airportTable() {
  const path = join(folder, 'airports.csv');
  const lines = airports.map(({ iata, city, state }) => `${iata},ignored,"${city}",${state ?? ''}`);
  await writeFile(path, ['iata,name,city,state', 'ATL,old,"replaced by the later row",XX', ...lines].join('\n'));
  return csvTable(path, { schema: airportColumns, key: 'iata', name: 'airports' });
}

describe('a stream-table join in a job', () => {
  it('enriches every row from a CSV file, in order, and keeps event time', async () => {
    const origins = ['ATL', 'XXX', null, 'SFO', 'ORD'];
    const rows = Array.from({ length: 500 }, (_, i) => ({ at: i, origin: origins[i % 5] ?? null, delay: i }));
    const stream = Stream.from(memorySource(flights, [batchFromRows(flights, rows)]), {
      name: 'flights',
      eventTime: 'at',
      batchRows: 64,
    });
    const table = await airportTable();
    const enriched = streamTableJoin(stream, table, { on: 'origin', type: 'left', prefix: 'origin_', name: 'enrich' });
    expect(enriched.eventTime).toBe('at');
    const sink = collectSink<typeof enriched.schema.fields>();
    const observability = createTestObservability();
    const running = await startJob(defineJob('enrich', [enriched.to(sink, { name: 'out' })]), {
      decorators: [instrumentJoins(observability)],
    });
    await running.done;
    expect(sink.rows()).toEqual(
      naiveJoin(rows, airports, {
        on: { origin: 'iata' },
        type: 'left',
        leftColumns: flights.names,
        rightColumns: { city: 'origin_city', state: 'origin_state' },
      }),
    );
    expect(table.stats).toMatchObject({ rows: 3, replacedRows: 1, nullKeyRows: 0 });
  });
});
