import { defineSchema, int64, nullable, rowsOf } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operator } from '../../src/ports/operator.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';
import { count, global, hopping, session, tumbling } from '../../src/time/window-spec.js';
import { batch, type Row, schema } from './window-model.js';

const END = Number.POSITIVE_INFINITY;
const input = () => Stream.from(memorySource(schema, []), { eventTime: 'at' });
const operatorOf = (stream: unknown) =>
  (stream as { edge: { node: { spec: { create(): Operator } } } }).edge.node.spec.create();
const rows = (harness: { batches(port?: number): readonly Parameters<typeof rowsOf>[0][] }) =>
  harness.batches().flatMap((result) => [...rowsOf(result)]);

describe('windows of a number of rows', () => {
  it('come out with their last row, and at the end of the stream with what they have', async () => {
    const harness = await createOperatorHarness(
      operatorOf(
        input()
          .keyBy('key')
          .window(count({ rows: 2 }))
          .aggregate((a) => ({ total: a.sum('value') })),
      ),
    );
    await harness.process(batch(['a', 5, 1], ['b', 1, 2], ['a', 0, 4], ['a', 9, 8]));
    expect(rows(harness)).toEqual([{ key: 'a', total: 5n }]);
    await harness.watermark(1000);
    await harness.watermark(END);
    expect(rows(harness).slice(1)).toEqual([
      { key: 'b', total: 2n },
      { key: 'a', total: 8n },
    ]);
    expect(harness.operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0, firedWindows: 3 });
  });

  it.each([true, false])(
    'hold the latest rows in order of arrival, however cut and restarted; keyed: %s',
    async (keyed) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('a', 'b'), { maxLength: 30 }),
          fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
          fc.integer({ min: 1, max: 6 }),
          fc.nat(30),
          async (keys, [m, n], batchRows, restartAt) => {
            const [everyRows, size] = [Math.min(m, n), Math.max(m, n)];
            const make = () => {
              const window = count({ rows: size, everyRows });
              const windowed = keyed ? input().keyBy('key').window(window) : input().window(window);
              return operatorOf(windowed.aggregate((a) => ({ rows: a.count(), total: a.sum('value') })));
            };
            let harness = await createOperatorHarness(make());
            const found: string[] = [];
            const take = () => {
              found.push(...rows(harness).map((row) => `${row['key'] ?? '*'} ${row['rows']} ${row['total']}`));
              harness.takeEmitted();
            };
            for (let at = 0; at < keys.length; at += batchRows) {
              if (at <= restartAt && restartAt < at + batchRows) {
                const checkpoint = await harness.checkpoint(1);
                harness = await createOperatorHarness(make(), {}, [checkpoint]);
              }
              const part: Row[] = keys.slice(at, at + batchRows).map((key, i) => [key, 0, at + i]);
              await harness.process(batch(...part));
              take();
            }
            const full = found.length;
            await harness.watermark(END);
            take();
            const expected = naiveCounts(keys, size, everyRows, keyed);
            expect(found.slice(0, full)).toEqual(expected.full);
            expect(found.slice(full).sort()).toEqual(expected.rest.sort());
          },
        ),
        { numRuns: 100 },
      );
    },
  );
});

function naiveCounts(keys: readonly string[], size: number, every: number, keyed: boolean) {
  const seen = new Map<string, number[]>();
  const full: string[] = [];
  const line = (key: string, values: readonly number[]) =>
    `${key} ${values.length} ${values.reduce((sum, value) => sum + value, 0)}`;
  for (const [value, rowKey] of keys.entries()) {
    const key = keyed ? rowKey : '*';
    const values = [...(seen.get(key) ?? []), value];
    seen.set(key, values);
    // A window ends at every multiple of `every` from the first one on that ends where rows are.
    if ((values.length - size) % every === 0) full.push(line(key, values.slice(Math.max(0, values.length - size))));
  }
  const rest = [...seen].flatMap(([key, values]) => {
    const lines: string[] = [];
    for (let start = Math.floor((values.length - 1) / every) * every; start + size > values.length; start -= every) {
      lines.push(line(key, values.slice(Math.max(0, start))));
    }
    return lines;
  });
  return { full, rest };
}

describe('a global window', () => {
  it('comes out at the end of the stream, and early with every so many rows; nothing is late for it', async () => {
    const harness = await createOperatorHarness(
      operatorOf(
        input()
          .keyBy('key')
          .window(global(), { early: { everyRows: 2 } })
          .aggregate((a) => ({ total: a.sum('value') })),
      ),
    );
    await harness.watermark(1000);
    await harness.process(batch(['a', 5, 1], ['b', 1, 2], ['a', 0, 4], ['a', 9, 8]));
    expect(rows(harness)).toEqual([{ key: 'a', total: 5n }]);
    await harness.watermark(END);
    expect(rows(harness).slice(1)).toEqual([
      { key: 'a', total: 13n },
      { key: 'b', total: 2n },
    ]);
    expect(harness.operator.stats).toMatchObject({ stateEntries: 0, lateRows: 0 });
  });
});

describe('windows of processing time', () => {
  it('hold the rows that were worked on in them, come out by the clock, and at the end of the stream', async () => {
    const clock = createVirtualClock(1003);
    const make = () =>
      operatorOf(
        Stream.from(memorySource(schema, []))
          .keyBy('key')
          .window(tumbling({ sizeMs: 10, time: 'processing-time' }))
          .aggregate((a) => ({ rows: a.count() })),
      );
    const first = await createOperatorHarness(make(), { clock });
    await first.process(batch(['a', 5, 1], ['b', 1, 2]));
    clock.advance(5);
    await first.process(batch(['a', 0, 4]));
    expect(rows(first)).toEqual([]);
    clock.advance(2);
    expect(rows(first)).toEqual([
      { key: 'a', windowStart: 1000, windowEnd: 1010, windowTime: 1009, rows: 2n },
      { key: 'b', windowStart: 1000, windowEnd: 1010, windowTime: 1009, rows: 1n },
    ]);
    await first.process(batch(['c', 0, 4]));
    const checkpoint = await first.checkpoint(1);
    await first.close();
    clock.advance(100);
    const second = await createOperatorHarness(make(), { clock }, [checkpoint]);
    expect(rows(second).map((row) => [row['key'], row['windowStart']])).toEqual([['c', 1010]]);
    await second.process(batch(['d', 0, 4]));
    await second.watermark(5000);
    expect(rows(second)).toHaveLength(1);
    await second.watermark(END);
    expect(rows(second).map((row) => row['key'])).toEqual(['c', 'd']);
    expect(second.operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
  });

  it('overlap when they hop', async () => {
    const clock = createVirtualClock(7);
    const harness = await createOperatorHarness(
      operatorOf(
        input()
          .window(hopping({ sizeMs: 10, slideMs: 5, time: 'processing-time' }))
          .aggregate((a) => ({ rows: a.count() })),
      ),
      { clock },
    );
    await harness.process(batch(['a', 99, 1]));
    clock.advance(100);
    expect(rows(harness).map((row) => [row['windowStart'], row['rows']])).toEqual([
      [0, 1n],
      [5, 1n],
    ]);
  });
});

const addUp: Parameters<ReturnType<typeof allRows>['reduce']>[0] = (total, row) => {
  total.value = (total.value ?? 0n) + (row.value ?? 0n);
  if (row.at > total.at) total.at = row.at;
};

describe('functions over windows', () => {
  const reduced = () =>
    operatorOf(
      input()
        .keyBy('key')
        .window(session({ gapMs: 10 }), { allowedLatenessMs: 5 })
        .reduce(addUp),
    );
  const output = defineSchema({ n: nullable(int64()) });
  const processed = () =>
    operatorOf(
      input()
        .keyBy('key')
        .window(session({ gapMs: 10 }), { allowedLatenessMs: 5 })
        .process(output, (all, emit) => {
          for (const row of all) if (row.value !== 2n) emit({ n: row.value });
        }),
    );

  it('reduce the rows of a window to one, also of bridged sessions and after a restart', async () => {
    const first = await createOperatorHarness(reduced());
    await first.process(batch(['a', 0, 1], ['a', 15, 2], ['b', 0, 9]));
    const second = await createOperatorHarness(reduced(), {}, [await first.checkpoint(1)]);
    await second.process(batch(['a', 8, 4]));
    await second.watermark(END);
    expect(rows(second)).toEqual([
      { key: 'b', windowStart: 0, windowEnd: 10, windowTime: 9, at: 0, value: 9n },
      { key: 'a', windowStart: 0, windowEnd: 25, windowTime: 24, at: 15, value: 7n },
    ]);
    expect(second.operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
  });

  it('process all rows of a window in the order in which they came, giving any number of rows', async () => {
    const first = await createOperatorHarness(processed());
    await first.process(batch(['a', 0, 1], ['a', 15, 2], ['b', 0, 2]));
    const second = await createOperatorHarness(processed(), {}, [await first.checkpoint(1)]);
    await second.process(batch(['a', 8, 4], ['c', 30, 7], ['a', 1, 5]));
    await second.watermark(END);
    expect(rows(second).map((row) => [row['key'], row['windowStart'], row['windowEnd'], row['n']])).toEqual([
      ['a', 0, 25, 1n],
      ['a', 0, 25, 4n],
      ['a', 0, 25, 5n],
      ['c', 30, 40, 7n],
    ]);
    expect(second.operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
  });

  it.each<[string, () => unknown, string]>([
    [
      'a result named like a key',
      () =>
        input()
          .keyBy('key')
          .window(count({ rows: 1 }))
          .process(schema, () => undefined),
      'PLAN_INVALID',
    ],
    [
      'changes of rows that nothing tells apart',
      () =>
        (input().window(global(), { results: 'retracting' }) as unknown as ReturnType<typeof allRows>).process(
          output,
          () => undefined,
        ),
      'OPTION_INVALID',
    ],
    ['lateness where nothing is late', () => input().window(global(), { allowedLatenessMs: 1 }), 'OPTION_INVALID'],
    [
      'firings of a window of rows',
      () => input().window(count({ rows: 1 }), { early: { everyRows: 1 } }),
      'OPTION_INVALID',
    ],
    ['a firing every half row', () => input().window(global(), { early: { everyRows: 0.5 } }), 'OPTION_INVALID'],
    ['gaps between windows of rows', () => count({ rows: 1, everyRows: 2 }), 'OPTION_INVALID'],
    [
      'event time where there is none',
      () =>
        (Stream.from(memorySource(schema, [])) as unknown as ReturnType<typeof input>).window(session({ gapMs: 1 })),
      'EVENT_TIME_MISSING',
    ],
  ])('refuse %s', (_what, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code: `SABOT_STREAM_${code}` }));
  });
});

const allRows = () => input().window(global());
