import { type Batch, defineSchema, int32, nullable, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import type { Stream } from '@sabot/stream';
import { arrowTableJoin } from '../../src/arrow-table/arrow-table-join.js';
import { streamTableJoin } from '../../src/stream-table/stream-table-join.js';
import { tableFromRows } from '../../src/table/memory-table.js';

const flights = defineSchema({
  at: timestamp('ms'),
  second: timestamp('s'),
  origin: utf8(),
  city: int32(),
  gate: nullable(int32()),
});
declare const stream: Stream<typeof flights.fields, 'event-time'>;
declare const batch: Batch<typeof flights.fields>;

const airports = tableFromRows(defineSchema({ iata: utf8(), city: utf8(), opened: timestamp('ms') }), [], {
  key: 'iata',
});
const gates = tableFromRows(defineSchema({ iata: utf8(), gate: int32(), terminal: utf8() }), [], {
  key: ['iata', 'gate'],
});
const times = tableFromRows(defineSchema({ at: timestamp('ms'), name: utf8() }), [], { key: 'at' });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proven = <T extends true>(): T | undefined => undefined;

const inner = streamTableJoin(stream, airports, { on: 'origin' });
const row = rowsOf({} as Batch<typeof inner.schema.fields>)[0];
proven<Equal<NonNullable<typeof row>['city_table'], string>>();
proven<Equal<NonNullable<typeof row>['city'], number>>();
proven<Equal<typeof inner, Stream<typeof inner.schema.fields, 'event-time'>>>();

const left = streamTableJoin(stream, airports, {
  on: { iata: 'origin' },
  type: 'left',
  select: ['city'],
  prefix: 'from_',
});
const leftRow = rowsOf({} as Batch<typeof left.schema.fields>)[0];
proven<Equal<NonNullable<typeof leftRow>['from_city'], string | null>>();

streamTableJoin(stream, gates, { on: { iata: 'origin', gate: 'gate' } });
streamTableJoin(stream, times, { on: 'at' });

// @ts-expect-error a misspelt stream column
streamTableJoin(stream, airports, { on: 'orign' });
// @ts-expect-error a key column of another type
streamTableJoin(stream, airports, { on: 'city' });
// @ts-expect-error not every column of the key is named
streamTableJoin(stream, gates, { on: { iata: 'origin' } });
// @ts-expect-error one name cannot stand for two key columns
streamTableJoin(stream, gates, { on: 'origin' });
// @ts-expect-error a table column that is not there
streamTableJoin(stream, airports, { on: 'origin', select: ['town'] });
// @ts-expect-error right joins have no meaning for a stream and a table
streamTableJoin(stream, airports, { on: 'origin', type: 'right' });
// @ts-expect-error the key must be a column
tableFromRows(defineSchema({ iata: utf8() }), [], { key: 'code' });
// @ts-expect-error the state column is not put out
proven<Equal<NonNullable<typeof leftRow>['opened'], number>>();

const both = arrowTableJoin(batch, airports.batch, { on: { origin: 'iata' }, type: 'full' });
const bothRow = rowsOf(both)[0];
proven<Equal<NonNullable<typeof bothRow>['city'], number | null>>();
proven<Equal<NonNullable<typeof bothRow>['city_right'], string | null>>();
// @ts-expect-error keys of different types
arrowTableJoin(batch, airports.batch, { on: { city: 'iata' } });
// @ts-expect-error the shared name has different types
arrowTableJoin(batch, airports.batch, { on: 'city' });
