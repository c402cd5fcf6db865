import { defineSchema, int32, timestamp, utf8 } from '@sabot/columnar';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import type { Table } from '../../src/surface/stream-types.js';
import { count, tumbling } from '../../src/time/window-spec.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), value: int32() });
const source = memorySource(schema, []);
const timed = Stream.from(source, { eventTime: 'at' });
const untimed = Stream.from(source);

const windows = timed
  .keyBy('key')
  .window(tumbling({ sizeMs: 10 }))
  .aggregate((a) => ({ rows: a.count(), total: a.sum('value') }));
export const totals: 'int64' = windows.schema.fields.total.kind;
export const neverNull: false = windows.schema.fields.total.nullable;
export const keyed: ReturnType<typeof utf8> = windows.schema.fields.key;

// @ts-expect-error a stream without event time cannot be windowed by it
untimed.window(tumbling({ sizeMs: 10 }));
untimed.window(tumbling({ sizeMs: 10, time: 'processing-time' }));
const whole = timed.window(tumbling({ sizeMs: 10 })).aggregate((a) => ({ rows: a.count() }));
export const wholeColumns: 'windowStart' | 'windowEnd' | 'windowTime' | 'rows' = '' as keyof typeof whole.schema.fields;
const counted = untimed
  .keyBy('key')
  .window(count({ rows: 2 }))
  .process(schema, (rows, emit) => rows.forEach(emit));
// @ts-expect-error windows of a number of rows have no time
counted.window(tumbling({ sizeMs: 10 }));
const changing = timed
  .keyBy('key')
  .window(tumbling({ sizeMs: 10 }), { results: 'retracting' })
  .aggregate((a) => ({ rows: a.count() }));
export const changingKey: readonly ('key' | 'windowStart' | 'windowEnd')[] = changing.changelogKey;
// @ts-expect-error results that change are a table
changing.keyBy('key');
// @ts-expect-error a stream without event time cannot be windowed
untimed.keyBy('key').window(tumbling({ sizeMs: 10 }));
// @ts-expect-error an unkeyed stream has no keyed state
timed.process({ name: 'p', output: schema, state: {}, onRow: () => undefined });
// @ts-expect-error no such column
timed.keyBy('nothing');
// @ts-expect-error not a timestamp
Stream.from(source, { eventTime: 'key' });
// @ts-expect-error no such column
timed.filter((c) => c.nothing.gt(1));
// @ts-expect-error a predicate is true or false
timed.filter((c) => c.value.add(1));
const windowed = timed.keyBy('key').window(tumbling({ sizeMs: 10 }));
// @ts-expect-error the sum of text
windowed.aggregate((a) => ({ total: a.sum('key') }));
// @ts-expect-error a sink of other columns
timed.to(collectSink<{ other: ReturnType<typeof utf8> }>());
timed.to(collectSink<(typeof schema)['fields']>());
// @ts-expect-error a column that select has left out
timed.select(['key', 'at']).filter((c) => c.value.gt(1));

declare const table: Table<(typeof schema)['fields'], 'key', 'event-time'>;
const narrowed = table.filter((c) => c.value.gt(1)).select((c) => ({ key: c.key, value: c.value }));
narrowed.to(collectSink<(typeof narrowed)['schema']['fields']>());
// @ts-expect-error an append-only operator on a changelog
table.keyBy('key');
// @ts-expect-error a changelog where an append-only stream is wanted
timed.union([table]);
// @ts-expect-error what a row does is not for expressions
table.filter((c) => c.$change.eq(0));
// @ts-expect-error the key is left out
table.select((c) => ({ value: c.value }));
// @ts-expect-error a sink of append-only rows
table.to(collectSink<(typeof schema)['fields']>());
table.to(collectSink());

const mapped = timed.map(schema, (row, draft) => {
  draft.value = row.value + 1;
});
// @ts-expect-error rows are refused only under a policy that says where to
mapped.deadLetters;
timed.map(schema, () => undefined, { onError: 'deadLetter' }).deadLetters.filter((c) => c._error_code.eq('x'));
timed.map(schema, (row, draft) => {
  // @ts-expect-error no such column to read
  draft.value = row.vlaue;
});
timed.map(schema, (_row, draft) => {
  // @ts-expect-error no such column to set
  draft.vlaue = 1;
});
timed.map(schema, (_row, draft) => {
  // @ts-expect-error a number is no text
  draft.key = 1;
});
// @ts-expect-error not a policy
timed.map(schema, () => undefined, { onError: 'ignore' });
// @ts-expect-error the row lacks columns of the output
timed.asyncMap(schema, async (row) => ({ key: row.key }));
// @ts-expect-error an unkeyed stream has no running totals
timed.reduce(() => undefined);
// @ts-expect-error an unkeyed stream is no table
timed.toTable();
// @ts-expect-error a time bound needs event time
untimed.keyBy('key').deduplicate({ withinMs: 10 });
// @ts-expect-error versions need event time
untimed.keyBy('key').toTable({ versioned: true });
// @ts-expect-error no such column to order by
timed.topN({ limit: 1, by: [{ by: 'vlaue' }] });
const perKey = timed.keyBy('key').aggregate((a) => ({ total: a.sum('value') }));
export const aggregated: 'int64' = perKey.schema.fields.total.kind;
// @ts-expect-error a table is no stream: what it says may change
perKey.keyBy('key');
// @ts-expect-error a table has no event time to be windowed by
perKey.window(tumbling({ sizeMs: 10 }));
export const ranked: 'int32' = timed.topN({ limit: 1, by: [{ by: 'value' }] }).schema.fields.rank.kind;
timed
  .keyBy('key')
  .toTable()
  .toStream({ column: 'what' })
  .filter((c) => c.what.eq('+I'));
// @ts-expect-error rows that a source cannot decode are text, not rows
Stream.from(source).deadLetters.filter((c) => c.value.gt(1));
