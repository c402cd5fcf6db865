import { describe, expect, it } from 'vitest';
import { checkQuery } from '../../src/nexmark/check-query.js';
import { nexmarkModel } from '../../src/nexmark/generator/model.js';
import { nexmarkEvents } from '../../src/nexmark/generator/rows.js';
import { type NexmarkQueryName, nexmarkQueries } from '../../src/nexmark/queries/queries.js';

/** With SABOT_TEST_RUNS: a million events for five seeds. */
const thorough = process.env['SABOT_TEST_RUNS'] !== undefined;
const EVENTS = thorough ? 1_000_000 : 20_000;
/** Single rows cost most: a tenth of the events is enough to cut everything everywhere. */
const EVENTS_ROW_BY_ROW = EVENTS / 10;
const SEEDS = thorough ? [1, 2, 3, 4, 5] : [1, 4_294_967_295];
/** Slow enough that a few events span many windows. */
const EVENTS_PER_SECOND = thorough ? 10_000 : 400;

describe.each(SEEDS)('over Nexmark’s events of seed %i', (seed) => {
  const eventsOf = (count: number) => [
    ...nexmarkEvents(nexmarkModel({ events: count, seed, eventsPerSecond: EVENTS_PER_SECOND })),
  ];
  const all = eventsOf(EVENTS);
  const few = eventsOf(EVENTS_ROW_BY_ROW);

  describe.each(Object.keys(nexmarkQueries) as NexmarkQueryName[])('%s', (name) => {
    it.each([65_536, 1000, 7, 1])(
      'gives its oracle’s rows in batches of %i events',
      { timeout: 600_000 },
      async (batchEvents) => {
        const events = batchEvents < 100 ? few : all;
        const options = { events: events.length, seed, eventsPerSecond: EVENTS_PER_SECOND, batchEvents };
        const { rows, expectedRows, missing, unexpected } = await checkQuery(name, options, { events });
        expect({ missing, unexpected }).toEqual({ missing: [], unexpected: [] });
        expect(rows).toBe(expectedRows);
        expect(rows).toBeGreaterThan(0);
      },
    );
  });
});
