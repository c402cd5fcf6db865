import { type Batch, batchOf, defineSchema, int64, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import { decodeIpcStream, encodeIpcStream } from '@sabot/columnar/ipc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Changed, changelogBatch, changesOf, withChanges } from '../../src/changelog/change-kind.js';
import { passingOperator } from '../../src/operators/passing-operator.js';
import { defineJob } from '../../src/plan/job.js';
import type { OperatorSpec } from '../../src/plan/operator-spec.js';
import { startJob } from '../../src/runtime/start-job.js';
import { jsonLines } from '../../src/sinks/json-lines.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import type { Table } from '../../src/surface/stream-types.js';
import { checkChangelogs } from '../../src/testing/changelog-checker.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms'), value: int64() });
type F = (typeof schema)['fields'];
type Change = readonly [change: '+I' | '-U' | '+U' | '-D', key: string, value: number];
const KINDS = ['+I', '-U', '+U', '-D'];

const plain = (changes: readonly Change[]) =>
  batchOf(schema, {
    key: changes.map(([, key]) => key),
    at: changes.map(() => 0),
    value: changes.map(([, , value]) => BigInt(value)),
  });
const kindsOf = (changes: readonly Change[]) => Int8Array.from(changes, ([kind]) => KINDS.indexOf(kind));
const changed = (...changes: readonly Change[]) =>
  changelogBatch(withChanges(schema), plain(changes), kindsOf(changes)) as Batch<Changed<F>>;

/** A table of exactly these batches of changes. */
function tableOf(batches: readonly (readonly Change[])[]): Table<F, 'key', 'event-time'> {
  const source = Stream.from(memorySource(schema, batches.map(plain)), { name: 'in', eventTime: 'at' });
  let next = 0;
  const spec: OperatorSpec = {
    kind: 'changes',
    name: 'changes',
    schema: withChanges(schema),
    changelogKey: ['key'],
    create: () =>
      passingOperator((batch, output) =>
        output.emit(changelogBatch(withChanges(schema), batch, kindsOf(batches[next++] as readonly Change[]))),
      ),
  };
  return source.apply(spec) as unknown as Table<F, 'key', 'event-time'>;
}

async function run(
  make: (table: Table<F, 'key', 'event-time'>) => unknown,
  ...batches: readonly (readonly Change[])[]
) {
  const sink = collectSink<Changed<F>>();
  const table = make(tableOf(batches)) as Table<F, 'key', 'event-time'>;
  await (await startJob(defineJob('job', [table.to(sink)]), { decorators: [checkChangelogs()] })).done;
  return sink.batches.map((batch) =>
    [...rowsOf(batch)].map(({ key, value, $change }) => `${KINDS[$change]} ${key} ${value}`),
  );
}

describe('a changelog', () => {
  it('keeps what its rows do through select, withColumns and filter, which repairs what it takes apart', async () => {
    const result = await run(
      (table) =>
        table
          .withColumns((c) => ({ value: c.value.add(1) }))
          .select((c) => ({ at: c.at, value: c.value, key: c.key }))
          .filter((c) => c.value.gt(10)),
      [
        ['+I', 'a', 10],
        ['+I', 'b', 1],
        ['-U', 'a', 10],
        ['+U', 'a', 2],
        ['-U', 'b', 1],
        ['+U', 'b', 20],
        ['-U', 'b', 20],
        ['+U', 'b', 30],
      ],
      [
        ['-D', 'b', 30],
        ['-D', 'a', 2],
      ],
    );
    expect(result).toEqual([['+I a 11', '-D a 11', '+I b 21', '-U b 21', '+U b 31'], ['-D b 31']]);
  });

  it('stays valid through any filter of any valid changelog, and says the same rows as filtering the table', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.nat(9), { freq: 4 })), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(9),
        async (updates, batchRows, least) => {
          const { batches, live } = changesOfUpdates(updates, batchRows);
          const result = await run((table) => table.filter((c) => c.value.ge(least)), ...batches);
          const kept = new Map<string, number>();
          for (const [change, key, value] of result.flat().map((line) => line.split(' '))) {
            if (change === '-U' || change === '-D') kept.delete(key as string);
            else kept.set(key as string, Number(value));
          }
          expect(kept).toEqual(new Map([...live].filter(([, value]) => value >= least)));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('goes through Arrow IPC as any column does, and is written out in words', () => {
    const batch = changed(['+I', 'a', 1], ['-U', 'a', 1], ['+U', 'a', 2], ['-D', 'a', 2]);
    const { batches } = decodeIpcStream(encodeIpcStream(batch.schema, [batch]));
    expect([...(changesOf(batches[0] as Batch) as Int8Array)]).toEqual([0, 1, 2, 3]);
    const written = jsonLines(batch)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).$change);
    expect(written).toEqual(KINDS);
  });

  it.each<[string, (table: Table<F, 'key', 'event-time'>) => unknown]>([
    ['an operator that takes rows for new ones', (table) => (table as unknown as Stream<F>).union([])],
    ['leaving out the key', (table) => table.select((c) => ({ value: c.value }) as never)],
    ['replacing the key', (table) => table.withColumns((c) => ({ key: c.key.upper() }))],
    ['replacing the changes', (table) => table.withColumns((c) => ({ $change: c.value }))],
  ])('refuses %s', (_what, make) => {
    expect(() => make(tableOf([]))).toThrow(expect.objectContaining({ code: 'SABOT_STREAM_PLAN_INVALID' }));
  });
});

describe('the changelog checker', () => {
  it.each<[string, readonly (readonly Change[])[]]>([
    ['+I of a key that is there', [[['+I', 'a', 1]], [['+I', 'a', 2]]]],
    ['-D of a key that is not there', [[['-D', 'a', 1]]]],
    ['-D of another row', [[['+I', 'a', 1]], [['-D', 'a', 2]]]],
    [
      '-U of another row',
      [
        [['+I', 'a', 1]],
        [
          ['-U', 'a', 2],
          ['+U', 'a', 3],
        ],
      ],
    ],
    ['+U without -U', [[['+I', 'a', 1]], [['+U', 'a', 2]]]],
    [
      '-U without +U',
      [
        [['+I', 'a', 1]],
        [
          ['-U', 'a', 1],
          ['+I', 'b', 1],
        ],
      ],
    ],
    ['-U at the end of a batch', [[['+I', 'a', 1]], [['-U', 'a', 1]], [['+U', 'a', 2]]]],
    [
      '+U of another key',
      [
        [['+I', 'a', 1]],
        [
          ['-U', 'a', 1],
          ['+U', 'b', 1],
        ],
      ],
    ],
  ])('fails the job on %s', async (_what, batches) => {
    await expect(run((table) => table, ...batches)).rejects.toMatchObject({ code: 'SABOT_STREAM_CHANGELOG_INVALID' });
  });
});

/** The changes that setting (or with null, removing) values in turn makes, cut into batches but never inside a pair. */
function changesOfUpdates(updates: readonly (readonly [string, number | null])[], batchRows: number) {
  const live = new Map<string, number>();
  const batches: Change[][] = [];
  let current: Change[] = [];
  for (const [key, value] of updates) {
    const old = live.get(key);
    if (value === null && old === undefined) continue;
    if (value === null) current.push(['-D', key, old as number]);
    else if (old === undefined) current.push(['+I', key, value]);
    else current.push(['-U', key, old], ['+U', key, value]);
    if (value === null) live.delete(key);
    else live.set(key, value);
    if (current.length >= batchRows) {
      batches.push(current);
      current = [];
    }
  }
  if (current.length > 0) batches.push(current);
  return { batches, live };
}
