import { batchFromRows, defineSchema, int32, type RowOf, timestamp, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../../src/plan/job.js';
import { startJob } from '../../../src/runtime/start-job.js';
import { collectSink } from '../../../src/sinks/memory-sinks.js';
import { memorySource } from '../../../src/sources/memory-source.js';
import { Stream } from '../../../src/surface/stream.js';
import { checkChangelogs } from '../../../src/testing/changelog-checker.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), value: int32() });
type Row = RowOf<(typeof schema)['fields']>;
type Input = Stream<(typeof schema)['fields'], 'event-time'>;
interface Ending {
  to(sink: never, options: { readonly name: string }): never;
}

const rowsOfInput = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.nat(40), value: fc.integer({ min: 0, max: 9 }) }),
  { minLength: 1, maxLength: 40 },
);

/** Runs what is made of the rows in batches of this size, with every edge checked; the rows as they come out. */
async function run(rows: readonly Row[], batchRows: number, make: (input: Input) => unknown) {
  const source = memorySource(schema, [batchFromRows(schema, rows)]);
  const sink = collectSink();
  const made = make(Stream.from(source, { name: 'in', eventTime: 'at', batchRows })) as Ending;
  const job = defineJob('job', [made.to(sink as never, { name: 'out' })]);
  await (await startJob(job, { decorators: [checkChangelogs()] })).done;
  return sink.rows();
}

/** What the changes add up to, by the text of the key. */
function materialise(rows: readonly Readonly<Record<string, unknown>>[], ...key: readonly string[]) {
  const table: Record<string, unknown> = {};
  for (const { $change, ...row } of rows) {
    const id = key.map((column) => row[column]).join('/');
    if ($change === 3 || $change === 1) delete table[id];
    else table[id] = row;
  }
  return table;
}

const agrees = (make: (input: Input) => unknown, key: readonly string[], model: (rows: readonly Row[]) => unknown) =>
  fc.assert(
    fc.asyncProperty(rowsOfInput, fc.constantFrom(1, 2, 5, 100), async (rows, batchRows) => {
      expect(materialise(await run(rows, batchRows, make), ...key)).toEqual(model(rows));
    }),
    { numRuns: 60 },
  );

describe('tables', () => {
  it('hold the latest row of each key by arrival, without deleted ones, however rows are cut', () =>
    agrees(
      (input) => input.keyBy('key').toTable({ deleteWhen: (c) => c.value.eq(0) }),
      ['key'],
      (rows) => {
        const table: Record<string, Row> = {};
        for (const row of rows) {
          if (row.value === 0) delete table[row.key];
          else table[row.key] = row;
        }
        return table;
      },
    ));

  it('hold the latest row of each key by event time when versioned', () =>
    agrees(
      (input) => input.keyBy('key').toTable({ versioned: true }),
      ['key'],
      (rows) => {
        const table: Record<string, Row> = {};
        for (const row of rows) if (row.at >= (table[row.key]?.at ?? 0)) table[row.key] = row;
        return table;
      },
    ));

  it('give rows that are older than the latest version to the late stream, each once', () =>
    fc.assert(
      fc.asyncProperty(rowsOfInput, fc.constantFrom(1, 3, 100), async (rows, batchRows) => {
        const late = await run(rows, batchRows, (input) => input.keyBy('key').toTable({ versioned: true }).late);
        const latest: Record<string, number> = {};
        const older = rows.filter((row) => {
          const isOlder = row.at < (latest[row.key] ?? 0);
          if (!isOlder) latest[row.key] = row.at;
          return isOlder;
        });
        expect(late).toEqual(older);
      }),
      { numRuns: 40 },
    ));

  it('hold aggregates of all rows of a key so far', () =>
    agrees(
      (input) =>
        input.keyBy('key').aggregate((a) => ({ rows: a.count(), total: a.sum('value'), most: a.max('value') })),
      ['key'],
      (rows) => {
        const table: Record<string, { key: string; rows: bigint; total: bigint; most: number }> = {};
        for (const { key, value } of rows) {
          const { rows: count, total, most } = table[key] ?? { rows: 0n, total: 0n, most: 0 };
          table[key] = { key, rows: count + 1n, total: total + BigInt(value), most: Math.max(most, value) };
        }
        return table;
      },
    ));

  it('hold the first rows of each key, ranked, equal ones in the order of arrival', () =>
    agrees(
      (input) => input.keyBy('key').topN({ limit: 3, by: [{ by: 'value', descending: true }] }),
      ['key', 'rank'],
      (rows) => {
        const table: Record<string, unknown> = {};
        for (const key of ['a', 'b', 'c']) {
          const ordered = rows.filter((row) => row.key === key).sort((one, other) => other.value - one.value);
          for (const [at, row] of ordered.slice(0, 3).entries()) table[`${key}/${at + 1}`] = { ...row, rank: at + 1 };
        }
        return table;
      },
    ));

  it('hold the first rows over all keys', () =>
    agrees(
      (input) => input.topN({ limit: 4, by: [{ by: 'at' }] }),
      ['rank'],
      (rows) => {
        const ordered = [...rows].sort((one, other) => one.at - other.at).slice(0, 4);
        return Object.fromEntries(ordered.map((row, at) => [`${at + 1}`, { ...row, rank: at + 1 }]));
      },
    ));

  it('become streams of labelled changes, which windows and functions take as rows', async () => {
    const rows = [
      { key: 'a', at: 1, value: 1 },
      { key: 'a', at: 2, value: 2 },
      { key: 'a', at: 3, value: 0 },
    ];
    const changes = await run(rows, 1, (input) =>
      input
        .keyBy('key')
        .toTable({ deleteWhen: (c) => c.value.eq(0) })
        .toStream({ column: 'what' })
        .filter((c) => c.what.neq('-U'))
        .select(['what', 'value']),
    );
    expect(changes).toEqual([
      { what: '+I', value: 1 },
      { what: '+U', value: 2 },
      { what: '-D', value: 2 },
    ]);
  });

  it('change a key at most once per batch, and let rows go that they no longer hold', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => ({ key: `k${at % 3}`, at, value: at }));
    const source = memorySource(schema, [batchFromRows(schema, rows)]);
    const table = Stream.from(source, { eventTime: 'at', batchRows: 1000 }).keyBy('key').toTable({ name: 'table' });
    const sink = collectSink<typeof table.schema.fields>();
    const running = await startJob(defineJob('job', [table.to(sink)]));
    await running.done;
    expect(sink.batches.map((batch) => batch.numRows)).toEqual([3, ...Array.from({ length: 19 }, () => 6)]);
    const stats = running.status().operators.find(({ id }) => id === 'table')?.stats;
    expect(stats?.stateEntries).toBe(3);
    expect(stats?.stateBytes).toBeLessThan(8192 * 16);
  });

  it.each([
    ['a limit of none', (input: Input) => input.topN({ limit: 0, by: [{ by: 'at' }] }), 'OPTION_INVALID'],
    ['no order', (input: Input) => input.topN({ limit: 1, by: [] }), 'OPTION_INVALID'],
    ['an unknown order', (input: Input) => input.topN({ limit: 1, by: [{ by: 'no' as 'at' }] }), 'COLUMN_UNKNOWN'],
    [
      'a second rank',
      (input: Input) => input.withColumns((c) => ({ rank: c.value })).topN({ limit: 1, by: [{ by: 'at' }] }),
      'PLAN_INVALID',
    ],
    [
      'an aggregate named like a key',
      (input: Input) => input.keyBy('key').aggregate((a) => ({ key: a.count() })),
      'PLAN_INVALID',
    ],
    [
      'versions without time',
      (input: Input) => input.select(['key']).keyBy('key').toTable({ versioned: true }),
      'EVENT_TIME_MISSING',
    ],
    [
      'labels in a column that is there',
      (input: Input) => input.keyBy('key').toTable().toStream({ column: 'value' }),
      'PLAN_INVALID',
    ],
  ])('refuse %s', (_what, make, code) => {
    const input = Stream.from(memorySource(schema, []), { eventTime: 'at' });
    expect(() => make(input)).toThrow(expect.objectContaining({ code: `SABOT_STREAM_${code}` }));
  });
});
