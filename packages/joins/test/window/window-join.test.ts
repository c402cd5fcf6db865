import { type Batch, batchFromRows, defineSchema, int32, nullable, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import { hopping, memorySource, type OperatorSpec, Stream, tumbling } from '@sabot/stream';
import { createOperatorHarness, type OperatorHarness } from '@sabot/stream/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JoinStats } from '../../src/join-stats.js';
import { type WindowJoinType, windowJoin } from '../../src/window/window-join.js';

const lefts = defineSchema({ at: timestamp('ms'), key: nullable(utf8()), l: int32() });
const rights = defineSchema({ at: timestamp('us'), key: nullable(utf8()), r: int32() });

interface Event {
  readonly side: 0 | 1;
  readonly at: number;
  readonly key: string | null;
}
interface Setting {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
  readonly graceMs: number;
  readonly type: WindowJoinType;
}

function streams() {
  const left = Stream.from(memorySource(lefts, []), { name: 'left', eventTime: 'at' });
  const right = Stream.from(memorySource(rights, []), { name: 'right', eventTime: 'at' });
  return { left, right };
}

function specOf({ sizeMs, slideMs, offsetMs, graceMs, type }: Setting): OperatorSpec {
  const { left, right } = streams();
  const window = sizeMs === slideMs ? tumbling({ sizeMs, offsetMs }) : hopping({ sizeMs, slideMs, offsetMs });
  const { output } = windowJoin(left, right, { on: 'key', window, type, graceMs, select: ['r'] });
  const { node } = output.edge;
  if (node.kind !== 'operator') throw new TypeError('a join is an operator');
  return node.spec;
}

/** Each output row as `[l,r]@windowStart`. */
function shown(batches: readonly Batch[]): string[] {
  return batches.flatMap((batch) =>
    [...(rowsOf(batch) as Iterable<Record<string, unknown>>)].map((row) => {
      expect(Number(row['windowTime'])).toBe(Number(row['windowEnd']) - 1);
      return `[${row['l']},${row['r']}]@${row['windowStart']}`;
    }),
  );
}

async function feed(
  harness: OperatorHarness,
  side: 0 | 1,
  events: readonly (Event & { readonly id: number })[],
): Promise<void> {
  const rows = events.map(({ at, key, id }) => ({ at, key, l: id, r: id }));
  const batch = side === 0 ? batchFromRows(lefts, rows) : batchFromRows(rights, rows);
  await harness.process(batch as unknown as Batch, side);
}

/** A row with the watermark at which it came. */
interface Arrived extends Event {
  readonly id: number;
  readonly watermarkMs: number;
}

/** The starts of the windows that a row belongs to and that have not come out when it comes. */
function openWindows({ sizeMs, slideMs, offsetMs, graceMs }: Setting, { at, watermarkMs }: Arrived): number[] {
  const starts: number[] = [];
  const last = Math.floor((at - offsetMs) / slideMs) * slideMs + offsetMs;
  for (let start = last; start > at - sizeMs; start -= slideMs) {
    if (start + sizeMs + graceMs > watermarkMs) starts.push(start);
  }
  return starts;
}

/** The pairs of each window, row by row. */
function naive(setting: Setting, events: readonly Arrived[]): string[] {
  const { type } = setting;
  const found: string[] = [];
  for (const start of new Set(events.flatMap((event) => openWindows(setting, event)))) {
    const present = events.filter((event) => openWindows(setting, event).includes(start));
    const [left, right] = [present.filter(({ side }) => side === 0), present.filter(({ side }) => side === 1)];
    const pairs = left.flatMap((l) =>
      right.flatMap((r) => (l.key !== null && l.key === r.key ? [[l.id, r.id] as const] : [])),
    );
    found.push(...pairs.map(([l, r]) => `[${l},${r}]@${start}`));
    const alone = (own: readonly Arrived[], side: 0 | 1) =>
      own.filter(({ id }) => !pairs.some((pair) => pair[side] === id));
    if (type === 'left' || type === 'full') found.push(...alone(left, 0).map(({ id }) => `[${id},null]@${start}`));
    if (type === 'right' || type === 'full') found.push(...alone(right, 1).map(({ id }) => `[null,${id}]@${start}`));
  }
  return found.sort();
}

const settings = fc.record({
  sizeMs: fc.integer({ min: 1, max: 12 }),
  slideMs: fc.integer({ min: 1, max: 12 }),
  offsetMs: fc.integer({ min: -3, max: 3 }),
  graceMs: fc.constantFrom(0, 0, 5),
  type: fc.constantFrom<WindowJoinType>('inner', 'left', 'right', 'full'),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('rows' as const),
        side: fc.constantFrom(0 as const, 1 as const),
        rows: fc.array(fc.record({ at: fc.integer({ min: 0, max: 40 }), key: fc.constantFrom('a', 'b', null) }), {
          maxLength: 5,
        }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('watermark' as const), timeMs: fc.integer({ min: -5, max: 45 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  ),
  { maxLength: 25 },
);

describe('a window join', () => {
  it('gives the pairs of a row-by-row model in any order of rows, across crashes, and keeps nothing in the end', async () => {
    await fc.assert(
      fc.asyncProperty(settings, steps, async (drawn, plan) => {
        const setting = { ...drawn, slideMs: Math.min(drawn.slideMs, drawn.sizeMs) };
        const spec = specOf(setting);
        let harness = await createOperatorHarness(spec.create());
        const events: Arrived[] = [];
        const seen: string[] = [];
        let watermarkMs = Number.NEGATIVE_INFINITY;
        let late = 0;
        const take = () => {
          seen.push(...shown(harness.batches(0)));
          late += [...harness.batches(1), ...harness.batches(2)].reduce((sum, { numRows }) => sum + numRows, 0);
          harness.takeEmitted();
        };
        for (const step of plan) {
          if (step.kind === 'rows') {
            const rows = step.rows.map((row, i) => ({ ...row, side: step.side, id: events.length + i, watermarkMs }));
            events.push(...rows);
            await feed(harness, step.side, rows);
          } else if (step.kind === 'watermark') {
            watermarkMs = Math.max(watermarkMs, step.timeMs);
            await harness.watermark(watermarkMs);
          } else {
            const bytes = harness.operator.snapshot(1) ?? expect.unreachable();
            harness = await createOperatorHarness(spec.create());
            harness.operator.restore(bytes);
          }
          take();
        }
        await harness.watermark(Number.POSITIVE_INFINITY);
        take();
        expect(seen.sort()).toEqual(naive(setting, events));
        expect(late).toBe(events.filter((event) => openWindows(setting, event).length === 0).length);
        expect(harness.operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
      }),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 200) },
    );
  });

  it('puts windows out in time order, left row by left row, then right rows alone, no earlier than their end + grace', async () => {
    const spec = specOf({ sizeMs: 10, slideMs: 10, offsetMs: 0, graceMs: 3, type: 'full' });
    const harness = await createOperatorHarness(spec.create());
    await feed(harness, 1, [
      { side: 1, at: 12, key: 'a', id: 1 },
      { side: 1, at: 2, key: 'a', id: 2 },
      { side: 1, at: 3, key: 'z', id: 3 },
      { side: 1, at: 4, key: 'a', id: 4 },
    ]);
    await feed(harness, 0, [
      { side: 0, at: 9, key: 'y', id: 5 },
      { side: 0, at: 0, key: 'a', id: 6 },
      { side: 0, at: 19, key: 'a', id: 7 },
    ]);
    await harness.watermark(12);
    expect(harness.takeEmitted()).toEqual([{ signal: { kind: 'watermark', timeMs: 9 } }]);
    await harness.watermark(23);
    expect(shown(harness.batches())).toEqual(['[5,null]@0', '[6,2]@0', '[6,4]@0', '[null,3]@0', '[7,1]@10']);
    expect(harness.operator.stats as JoinStats).toMatchObject({ operations: 2, matchedRows: 5, unmatchedRows: 2 });
  });

  it('puts a row without a key out at once where its side is kept', async () => {
    const harness = await createOperatorHarness(
      specOf({ sizeMs: 10, slideMs: 5, offsetMs: 0, graceMs: 0, type: 'left' }).create(),
    );
    await feed(harness, 0, [{ side: 0, at: 7, key: null, id: 1 }]);
    await feed(harness, 1, [{ side: 1, at: 7, key: null, id: 2 }]);
    expect(shown(harness.batches())).toEqual(['[1,null]@0', '[1,null]@5']);
    expect(harness.operator.stats).toMatchObject({ stateEntries: 0, unmatchedRows: 2 });
  });

  it('refuses a grace that is no time and bounds that are columns already', () => {
    const { left, right } = streams();
    const window = tumbling({ sizeMs: 10 });
    expect(() => windowJoin(left, right, { on: 'key', window, graceMs: -1 })).toThrow(/a grace of -1 ms/);
    const joined = windowJoin(left, right, { on: 'key', window, select: [] }).output;
    expect(() => windowJoin(joined, right, { on: 'key', window, select: [] })).toThrow(/"windowStart"/);
    const again = windowJoin(joined, right, { on: 'key', window, select: [], windowPrefix: 'outer_' }).output;
    expect(again.schema.names.slice(-3)).toEqual(['outer_windowStart', 'outer_windowEnd', 'outer_windowTime']);
    expect(again.eventTime).toBe('outer_windowTime');
  });
});
