import { type Batch, batchFromRows, rowsOf } from '@sabot/columnar';
import { memorySource } from '@sabot/stream';
import type { SplitPosition } from '@sabot/stream/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asDeparted } from '../../src/arrival/as-departed.js';
import { flightSchema, plausibleDelay } from '../../src/flights.js';

interface Flight {
  readonly minute: number;
  readonly delay: number;
}

const minuteMs = 60_000;
const live = new AbortController().signal;

/** A timetable; the distance is the flight's row in it. */
function timetable(flights: readonly Flight[]) {
  const rows = flights.map(({ minute, delay }, row) => ({
    date: minute * minuteMs,
    delay: BigInt(delay),
    distance: BigInt(row),
    origin: 'JFK',
    destination: 'BOS',
  }));
  return countingSource(rows.length === 0 ? [] : [batchFromRows(flightSchema, rows)]);
}

/** As a Parquet file's, its positions count rows. */
function countingSource(batches: readonly Batch<typeof flightSchema.fields>[]) {
  const source = memorySource(flightSchema, batches);
  return {
    ...source,
    read: (...[split, position, request]: Parameters<typeof source.read>) =>
      // Small batches, so that flights are held back over many of them.
      source.read(split, position === undefined ? undefined : { batch: 0, row: position['row'] ?? 0 }, {
        ...request,
        batchRows: 3,
      }),
  };
}

async function read(flights: readonly Flight[], batchRows: number, from?: SplitPosition) {
  const reader = await asDeparted(timetable(flights)).read({ id: 'all' }, from, { columns: ['distance'], batchRows });
  const batches: { readonly rows: readonly number[]; readonly position: SplitPosition }[] = [];
  for (let polled = await reader.poll(live); polled.kind !== 'end'; polled = await reader.poll(live)) {
    if (polled.kind !== 'batch') continue;
    const rows = [...rowsOf(polled.batch)].map((row) => Number((row as { readonly distance: bigint }).distance));
    batches.push({ rows, position: JSON.parse(JSON.stringify(polled.position)) as SplitPosition });
  }
  await reader.close();
  return batches;
}

const delay = fc.oneof(fc.integer({ min: -60, max: 300 }), fc.constantFrom(-2000, 1200, 1500));
const flights = fc
  .array(fc.record({ minute: fc.integer({ min: 0, max: 4000 }), delay }), { maxLength: 40 })
  .map((rows) => rows.sort((a, b) => a.minute - b.minute));

describe('flights as they took off', () => {
  it('come by departure, those of one minute in the order of the timetable, in full batches', async () => {
    await fc.assert(
      fc.asyncProperty(flights, fc.integer({ min: 1, max: 7 }), async (given, batchRows) => {
        const departure = ({ minute, delay }: Flight) =>
          minute + Math.min(plausibleDelay.maximum, Math.max(plausibleDelay.minimum, delay));
        const expected = given
          .map((flight, row) => ({ row, at: departure(flight) }))
          .sort((a, b) => a.at - b.at || a.row - b.row)
          .map(({ row }) => row);
        const batches = await read(given, batchRows);
        expect(batches.flatMap(({ rows }) => rows)).toEqual(expected);
        expect(batches.slice(0, -1).every(({ rows }) => rows.length === batchRows)).toBe(true);
      }),
    );
  });

  it('go on behind every position as if nothing had happened', async () => {
    await fc.assert(
      fc.asyncProperty(flights, fc.integer({ min: 1, max: 7 }), async (given, batchRows) => {
        const all = await read(given, batchRows);
        for (const [at, { position }] of all.entries()) {
          const rest = await read(given, batchRows, position);
          expect(rest.map(({ rows }) => rows)).toEqual(all.slice(at + 1).map(({ rows }) => rows));
          expect(rest.at(-1)?.position['row'] ?? given.length).toBe(given.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are refused when the timetable is not in order', async () => {
    const jumbled = [10, 20, 15].map((minute) => ({ minute, delay: 0 }));
    await expect(read(jumbled, 2)).rejects.toMatchObject({ code: 'SABOT_DEMO_NOT_IN_ORDER' });
  });
});
