import { type Batch, rowsOf } from '@sabot/columnar';
import type { Source } from '@sabot/stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nexmarkModel } from '../../src/nexmark/generator/model.js';
import { nexmarkSources } from '../../src/nexmark/generator/nexmark-sources.js';
import { type NexmarkEvent, nexmarkEvents } from '../../src/nexmark/generator/rows.js';

const signal = new AbortController().signal;

async function batchesOf(source: Source, batchRows: number, columns?: readonly string[]): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (const split of await source.splits()) {
    const reader = await source.read(split, undefined, { columns, batchRows });
    for (let polled = await reader.poll(signal); polled.kind !== 'end'; polled = await reader.poll(signal)) {
      if (polled.kind === 'batch') batches.push(polled.batch);
    }
  }
  return batches;
}

/** Rows with plain numbers, as the row view has them. */
async function rowsIn(source: Source, batchRows: number): Promise<Record<string, unknown>[]> {
  const rows = (await batchesOf(source, batchRows)).flatMap((batch) => [...rowsOf(batch)]);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
    ),
  );
}

function ofKind(events: readonly NexmarkEvent[], wanted: NexmarkEvent['kind']): unknown[] {
  return events.flatMap(({ kind, ...row }) => (kind === wanted ? [row] : []));
}

describe('the Nexmark generator', () => {
  it('makes the rows of the row view, column by column, however it is cut into batches and splits', async () => {
    const options = fc.record({
      events: fc.integer({ min: 0, max: 700 }),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      splits: fc.integer({ min: 1, max: 4 }),
      batchRows: fc.constantFrom(1, 7, 50, 333, 65_536),
    });
    await fc.assert(
      fc.asyncProperty(options, async ({ batchRows, ...given }) => {
        const { model, ...sources } = nexmarkSources(given);
        const events = [...nexmarkEvents(model)];
        const byTime = (rows: unknown[]) => new Set(rows.map((row) => JSON.stringify(row)));
        expect(byTime(await rowsIn(sources.persons, batchRows))).toEqual(byTime(ofKind(events, 'person')));
        expect(byTime(await rowsIn(sources.auctions, batchRows))).toEqual(byTime(ofKind(events, 'auction')));
        const bids = await rowsIn(sources.bids, batchRows);
        expect(byTime(bids)).toEqual(byTime(ofKind(events, 'bid')));
        if (given.splits === 1) expect(bids).toEqual(ofKind(events, 'bid'));
      }),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 30) },
    );
  });

  it('goes on from any position', async () => {
    const { bids } = nexmarkSources({ events: 500 });
    const [split] = await bids.splits();
    if (split === undefined) return expect.unreachable();
    const first = await (await bids.read(split, undefined, { columns: undefined, batchRows: 123 })).poll(signal);
    if (first.kind !== 'batch') return expect.unreachable();
    const rest = await (await bids.read(split, first.position, { columns: undefined, batchRows: 9999 })).poll(signal);
    if (rest.kind !== 'batch') return expect.unreachable();
    const all = await batchesOf(bids, 9999);
    expect([...rowsOf(first.batch), ...rowsOf(rest.batch)]).toEqual([...rowsOf(all[0] as Batch)]);
  });

  it('makes only the columns that are read', async () => {
    const { bids } = nexmarkSources({ events: 100 });
    const [batch] = await batchesOf(bids, 100, ['price', 'auction']);
    expect(batch?.schema.names).toEqual(['price', 'auction']);
    expect(batch?.columns[0]?.values).toEqual((await batchesOf(bids, 100))[0]?.column('price').values);
  });

  it('refuses options that make no stream', () => {
    expect(() => nexmarkModel({ events: -1 })).toThrow(/events -1/);
    expect(() => nexmarkModel({ events: 2 ** 31 })).toThrow(/events/);
    expect(() => nexmarkModel({ events: 1, splits: 0 })).toThrow(/splits 0/);
    expect(() => nexmarkModel({ events: 1, eventsPerSecond: 0.5 })).toThrow(/eventsPerSecond/);
  });
});

describe('Nexmark’s events', () => {
  const events = [...nexmarkEvents(nexmarkModel({ events: 100_000, seed: 7 }))];
  const bids = events.filter((event) => event.kind === 'bid');
  const auctions = events.filter((event) => event.kind === 'auction');
  const persons = events.filter((event) => event.kind === 'person');
  const share = <V>(values: readonly V[], holds: (value: V, at: number) => boolean) =>
    values.filter(holds).length / values.length;

  it('are one person, three auctions and 46 bids in fifty, numbered from 1000', () => {
    expect(events.slice(0, 5).map(({ kind }) => kind)).toEqual(['person', 'auction', 'auction', 'auction', 'bid']);
    expect([persons.length, auctions.length, bids.length]).toEqual([2000, 6000, 92_000]);
    expect(persons.map(({ id }) => id)).toEqual(persons.map((_, i) => 1000 + i));
    expect(auctions.map(({ id }) => id)).toEqual(auctions.map((_, i) => 1000 + i));
  });

  it('happen at the rate of the model', () => {
    expect(events[0]?.dateTime).toBe(1_436_918_400_000);
    expect(events[99_999]?.dateTime).toBe(1_436_918_400_000 + 9999);
  });

  it('have hot auctions, sellers, bidders and channels in the shares that the rules say', () => {
    // Hot ids are the first of a hundred; a few others hit them by chance.
    expect(share(bids, ({ auction }) => auction % 100 === 0)).toBeCloseTo(0.5, 1);
    expect(share(bids, ({ bidder }) => bidder % 100 === 1)).toBeCloseTo(0.75, 1);
    expect(share(auctions, ({ seller }) => seller % 100 === 0)).toBeCloseTo(0.75, 1);
    expect(share(bids, ({ channel }) => !channel.startsWith('channel-'))).toBeCloseTo(0.5, 1);
    expect(share(bids, ({ channel }) => channel === 'Apple')).toBeCloseTo(0.125, 1);
  });

  it('refer to auctions in flight and people who are active, or to those about to come', () => {
    let lastAuction = 0;
    let lastPerson = 0;
    for (const event of events) {
      if (event.kind === 'person') lastPerson = event.id;
      if (event.kind === 'auction') {
        lastAuction = event.id;
        expect(event.seller).toBeLessThanOrEqual(lastPerson + 10);
        expect(event.seller).toBeGreaterThan(lastPerson - 1000);
      }
      if (event.kind !== 'bid') continue;
      if (event.auction > lastAuction + 10 || event.auction < lastAuction - 100)
        expect.fail(`auction ${event.auction}`);
      if (event.bidder > lastPerson + 10 || event.bidder <= lastPerson - 1000) expect.fail(`bidder ${event.bidder}`);
    }
  });

  it('have prices from 100 to 100,000,000 whose logarithms are even', () => {
    const steps = bids.map(({ price }) => Math.log10(price / 100));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThanOrEqual(6);
    for (let step = 0; step < 6; step++) {
      expect(share(steps, (value) => value >= step && value < step + 1)).toBeCloseTo(1 / 6, 1);
    }
  });

  it('let auctions live up to twice the time of the auctions in flight', () => {
    const lives = auctions.map(({ dateTime, expires }) => expires - dateTime);
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...lives)).toBeLessThanOrEqual(332);
    expect(lives.reduce((sum, life) => sum + life, 0) / lives.length).toBeCloseTo(166, -1);
    expect(auctions.every(({ initialBid, reserve }) => reserve > initialBid)).toBe(true);
    expect(new Set(auctions.map(({ category }) => category))).toEqual(new Set([10, 11, 12, 13, 14]));
  });

  it('are padded to 200, 500 and 100 bytes on average, with texts of letters', () => {
    const mean = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(mean(bids.map(({ extra }) => 32 + extra.length))).toBeCloseTo(99.5, 0);
    expect(
      mean(
        auctions.map(({ itemName, description, extra }) => 48 + itemName.length + description.length + extra.length),
      ),
    ).toBeCloseTo(500, -1);
    expect(
      mean(
        persons.map(
          ({ name, emailAddress, creditCard, city, extra }) =>
            10 + name.length + emailAddress.length + creditCard.length + city.length + extra.length,
        ),
      ),
    ).toBeCloseTo(200, -1);
    expect(bids.every(({ extra, url }) => /^[a-z]+$/.test(extra) && url.startsWith('https://www.nexmark.com/'))).toBe(
      true,
    );
    expect(persons.every(({ emailAddress }) => /^[a-z]{3,6}@[a-z]{3,4}\.com$/.test(emailAddress))).toBe(true);
    expect(persons.every(({ creditCard }) => /^\d{4} \d{4} \d{4} \d{4}$/.test(creditCard))).toBe(true);
    expect(new Set(bids.map(({ extra }) => extra)).size).toBeGreaterThan(bids.length * 0.9);
  });
});
