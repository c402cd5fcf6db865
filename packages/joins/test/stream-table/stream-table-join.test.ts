import {
  type Batch,
  batchFromRows,
  defineSchema,
  describeSchema,
  int32,
  rowsOf,
  sliceBatch,
  timestamp,
  utf8,
} from '@sabot/columnar';
import type { OperatorContext, OperatorSpec, Stream } from '@sabot/stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JoinStats, topKeyShare } from '../../src/join-stats.js';
import { streamTableJoin } from '../../src/stream-table/stream-table-join.js';
import { tableFromRows } from '../../src/table/memory-table.js';
import { naiveJoin } from '../../src/testing.js';
import { orderRows, orders, ordersOf, priceRows, prices } from '../keyed-rows.js';

/** Describes a join and gives the operator that a job would run. */
function operatorOf<F extends Batch['schema']['fields']>(
  schema: Batch<F>['schema'],
  describeJoin: (stream: Stream<F, 'event-time'>) => unknown,
) {
  let spec: OperatorSpec | undefined;
  const stream = {
    schema,
    apply(given: OperatorSpec) {
      spec = given;
      return { schema: given.schema };
    },
  };
  describeJoin(stream as unknown as Stream<F, 'event-time'>);
  const operator = (spec as unknown as OperatorSpec).create();
  operator.open({} as OperatorContext);
  const feed = (batch: Batch) => {
    const out: Batch[] = [];
    operator.process(batch, 0, { emit: (joined) => void out.push(joined), signal: () => undefined });
    return out.flatMap((joined) => rowsOf(joined));
  };
  return { spec: spec as unknown as OperatorSpec, stats: operator.stats as JoinStats, feed };
}

describe('streamTableJoin', () => {
  it.each(['inner', 'left'] as const)('gives the rows of the %s join with the last row of each key', (type) => {
    fc.assert(
      fc.property(
        fc.array(orderRows, { maxLength: 3 }),
        priceRows,
        fc.boolean(),
        fc.nat(2),
        (batches, right, composite, skip) => {
          const key = composite ? (['name', 'width'] as const) : (['name'] as const);
          const table = tableFromRows(prices, right, { key });
          const on = composite ? { name: 'item', width: 'size' } : { name: 'item' };
          const { feed, stats } = operatorOf(orders, (stream) =>
            streamTableJoin(stream, table as never, { on: on as never, type, select: ['width', 'note'] as never }),
          );
          const last = rowsOf(table.batch);
          for (const rows of batches) {
            expect(feed(sliceBatch(ordersOf(rows), skip) as unknown as Batch)).toEqual(
              naiveJoin(rows.slice(skip), last, {
                on: composite ? { item: 'name', size: 'width' } : { item: 'name' },
                type,
                leftColumns: orders.names,
                rightColumns: { width: 'width', note: 'note_table' },
              }),
            );
          }
          const probed = batches.reduce((sum, rows) => sum + Math.max(0, rows.length - skip), 0);
          expect(stats.matchedRows + stats.unmatchedRows).toBe(probed);
        },
      ),
    );
  });

  const flights = defineSchema({ at: timestamp('ms'), origin: utf8(), city: int32() });
  const airports = tableFromRows(
    defineSchema({ iata: utf8(), city: utf8(), state: utf8() }),
    [
      { iata: 'ATL', city: 'Atlanta', state: 'GA' },
      { iata: 'ORD', city: 'Chicago', state: 'IL' },
    ],
    { key: 'iata', name: 'airports' },
  );
  const flown = (...origins: string[]) =>
    batchFromRows(
      flights,
      origins.map((origin, i) => ({ at: i, origin, city: i })),
    ) as unknown as Batch;

  it('keeps the stream columns, never overwrites one, and leaves the key out', () => {
    const inner = operatorOf(flights, (stream) => streamTableJoin(stream, airports, { on: 'origin' }));
    expect(describeSchema(inner.spec.schema)).toBe(
      'at: timestamp(ms), origin: utf8, city: int32, city_table: utf8, state: utf8',
    );
    expect(inner.feed(flown('ORD', 'XXX'))).toEqual([
      { at: 0, origin: 'ORD', city: 0, city_table: 'Chicago', state: 'IL' },
    ]);
  });

  it('makes the table columns of a left join nullable and takes a prefix', () => {
    const left = operatorOf(flights, (stream) =>
      streamTableJoin(stream, airports, {
        on: { iata: 'origin' },
        type: 'left',
        select: ['iata', 'city'],
        prefix: 'from_',
      }),
    );
    expect(describeSchema(left.spec.schema)).toBe(
      'at: timestamp(ms), origin: utf8, city: int32, from_iata: utf8?, from_city: utf8?',
    );
    expect(left.feed(flown('ATL', 'XXX'))).toEqual([
      { at: 0, origin: 'ATL', city: 0, from_iata: 'ATL', from_city: 'Atlanta' },
      { at: 1, origin: 'XXX', city: 1, from_iata: null, from_city: null },
    ]);
  });

  it('hands the columns of the stream on untouched when every row goes out', () => {
    const seen: Batch[] = [];
    const { spec } = operatorOf(flights, (stream) => streamTableJoin(stream, airports, { on: 'origin' }));
    const batch = flown('ATL', 'ORD', 'ATL');
    spec.create().process(batch, 0, { emit: (joined) => void seen.push(joined), signal: () => undefined });
    expect(seen[0]?.columns.slice(0, 3).map((column, i) => column === batch.columns[i])).toEqual([true, true, true]);
  });

  it('emits nothing for a batch without any match, and counts it', () => {
    const { feed, stats } = operatorOf(flights, (stream) => streamTableJoin(stream, airports, { on: 'origin' }));
    expect(feed(flown('XXX', 'YYY'))).toEqual([]);
    expect(stats).toMatchObject({ operations: 1, matchedRows: 0, unmatchedRows: 2, buildRows: 2 });
  });

  it('knows the share of the most frequent keys', () => {
    const { feed, stats } = operatorOf(flights, (stream) => streamTableJoin(stream, airports, { on: 'origin' }));
    expect(topKeyShare(stats, 1)).toBe(0);
    feed(flown('ATL', 'ATL', 'ORD', 'ATL', 'XXX'));
    expect([topKeyShare(stats, 1), topKeyShare(stats, 10)]).toEqual([0.75, 1]);
  });

  it('says what it is in its spec', () => {
    const { spec } = operatorOf(flights, (stream) =>
      streamTableJoin(stream, airports, { on: 'origin', name: 'enrich' }),
    );
    expect(spec).toMatchObject({
      kind: 'stream_table_join',
      name: 'enrich',
      describe: 'inner join with airports (2 rows) on origin = iata',
      facts: { joinType: 'stream_table_join', variant: 'inner' },
    });
  });

  it('refuses what cannot be joined', () => {
    const join = (options: unknown) => () =>
      operatorOf(flights, (stream) => streamTableJoin(stream, airports, options as { on: 'origin' }));
    expect(join({ on: {} })).toThrow('SABOT_JOINS_KEY_INCOMPLETE');
    expect(join({ on: 'orign' })).toThrow('the stream has no column "orign"');
    expect(join({ on: 'city' })).toThrow('"city" is int32 and "iata" is utf8');
    expect(join({ on: 'origin', select: ['town'] })).toThrow('table "airports" has no column "town"');
    expect(join({ on: 'origin', suffix: '' })).toThrow('SABOT_JOINS_COLUMN_COLLISION');
    expect(join({ on: 'origin', select: ['state', 'state'] })).toThrow('as "state"');
  });
});
