import { type Batch, batchFromRows, defineSchema, int32, nullable, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import {
  collectSink,
  defineJob,
  memorySource,
  type Operator,
  type OperatorContext,
  type OperatorSpec,
  Stream,
  startJob,
} from '@sabot/stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IntervalJoinType, intervalJoin, streamStreamJoin } from '../../src/interval/interval-join.js';
import type { JoinStats } from '../../src/join-stats.js';

const lefts = defineSchema({ at: timestamp('ms'), key: nullable(utf8()), l: utf8() });
const rights = defineSchema({ at: timestamp('us'), key: nullable(utf8()), r: utf8() });

interface Event {
  readonly side: 0 | 1;
  readonly at: number;
  readonly key: string | null;
  readonly value: string;
}

type Bounds = { readonly lowerMs: number; readonly upperMs: number; readonly graceMs: number };

const fakeStream = (schema: Batch['schema'], specs: OperatorSpec[]) => ({
  schema,
  eventTime: 'at',
  apply(spec: OperatorSpec) {
    specs.push(spec);
    return { schema: spec.schema, side: () => undefined };
  },
});

function specOf(bounds: Bounds, type: IntervalJoinType): OperatorSpec {
  const specs: OperatorSpec[] = [];
  const left = fakeStream(lefts, specs) as unknown as Stream<typeof lefts.fields, 'event-time'>;
  const right = fakeStream(rights, specs) as unknown as Stream<typeof rights.fields, 'event-time'>;
  intervalJoin(left, right, { on: 'key', type, select: ['r'], ...bounds });
  return specs[0] as OperatorSpec;
}

/** Drives an operator and gives what came out, each output row as `[l,r]@time`. */
function driver(spec: OperatorSpec, restore: (operator: Operator, bytes: Uint8Array) => void = (o, b) => o.restore(b)) {
  let operator = spec.create();
  let outputWatermark = Number.NEGATIVE_INFINITY;
  const seen: string[] = [];
  const late: string[] = [];
  const sink = {
    emit(batch: Batch, port = 0) {
      for (const row of rowsOf(batch) as readonly Record<string, unknown>[]) {
        if (port > 0) late.push(`${row['l'] ?? row['r']}`);
        else {
          expect(row['joinTime']).toBeGreaterThan(outputWatermark);
          seen.push(`[${row['l']},${row['r']}]@${row['joinTime']}`);
        }
      }
    },
    signal(signal: { kind: string; timeMs?: number }) {
      if (signal.kind !== 'watermark') return;
      expect(signal.timeMs).toBeGreaterThanOrEqual(outputWatermark);
      outputWatermark = signal.timeMs as number;
    },
  };
  operator.open({} as OperatorContext);
  return {
    seen,
    late,
    stats: () => operator.stats as JoinStats,
    take: () => seen.splice(0),
    feed(side: 0 | 1, events: readonly Event[]) {
      const rows = events.map(({ at, key, value }) => ({ at, key, l: value, r: value }));
      const batch = side === 0 ? batchFromRows(lefts, rows) : batchFromRows(rights, rows);
      operator.process(batch as unknown as Batch, side, sink);
    },
    watermark: (timeMs: number) => void operator.onSignal({ kind: 'watermark', timeMs }, sink),
    crash() {
      const bytes = operator.snapshot(1) as Uint8Array;
      operator = spec.create();
      operator.open({} as OperatorContext);
      restore(operator, bytes);
    },
  };
}

type Step =
  | { readonly kind: 'rows'; readonly side: 0 | 1; readonly events: readonly Event[] }
  | { readonly kind: 'watermark'; readonly by: number }
  | { readonly kind: 'crash' };

/** The same, row by row over plain lists. */
function naively(steps: readonly Step[], bounds: Bounds, type: IntervalJoinType) {
  const keeps = [type === 'left' || type === 'full', type === 'right' || type === 'full'] as const;
  const waits = [bounds.upperMs + bounds.graceMs, bounds.graceMs - bounds.lowerMs] as const;
  const live: [(Event & { matched: boolean })[], (Event & { matched: boolean })[]] = [[], []];
  const seen: string[] = [];
  const late: string[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  const alone = (event: Event) =>
    seen.push(`[${event.side === 0 ? event.value : null},${event.side === 0 ? null : event.value}]@${event.at}`);
  const expire = () => {
    const gone = live.flat().filter((event) => event.at + waits[event.side] <= watermark);
    for (const side of [0, 1] as const) live[side] = live[side].filter((event) => !gone.includes(event)) as never;
    gone
      .filter((event) => !event.matched && keeps[event.side])
      .sort(
        (a, b) =>
          a.at - b.at || a.side - b.side || ((a.key as string) < (b.key as string) ? -1 : a.key === b.key ? 0 : 1),
      )
      .forEach(alone);
  };
  for (const step of steps) {
    if (step.kind === 'watermark') {
      watermark = Math.max(0, watermark) + step.by;
      expire();
    }
    if (step.kind !== 'rows') continue;
    const open = step.events.filter((event) => event.at + waits[step.side] > watermark);
    late.push(...step.events.filter((event) => !open.includes(event)).map(({ value }) => value));
    for (const event of open.filter(({ key }) => key !== null)) {
      const own = { ...event, matched: false };
      for (const other of live[event.side === 0 ? 1 : 0]) {
        const [l, r] = event.side === 0 ? [own, other] : [other, own];
        if (l.key !== r.key || r.at - l.at < bounds.lowerMs || r.at - l.at > bounds.upperMs) continue;
        own.matched = other.matched = true;
        seen.push(`[${l.value},${r.value}]@${Math.max(l.at, r.at)}`);
      }
      live[event.side].push(own);
    }
    if (keeps[step.side]) open.filter(({ key }) => key === null).forEach(alone);
  }
  watermark = Number.POSITIVE_INFINITY;
  expire();
  return { seen, late };
}

let serial = 0;
const someEvents = fc.array(
  fc.record({ at: fc.nat(60), key: fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 6 }) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const someStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom<0 | 1>(0, 1), someEvents).map(([side, events]) => ({
      kind: 'rows' as const,
      side,
      events: events.map((event) => ({ ...event, side, value: `v${serial++}` })),
    })),
  },
  { weight: 3, arbitrary: fc.nat(20).map((by) => ({ kind: 'watermark' as const, by })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
);
const someBounds = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.nat(20), fc.nat(5))
  .map(([lowerMs, width, graceMs]) => ({ lowerMs, upperMs: lowerMs + width, graceMs }));

function agreesWithNaiveJoin(type: IntervalJoinType, restore?: (operator: Operator, bytes: Uint8Array) => void) {
  return fc.property(fc.array(someStep, { maxLength: 25 }), someBounds, (steps, bounds) => {
    const join = driver(specOf(bounds, type), restore);
    let watermark = Number.NEGATIVE_INFINITY;
    for (const step of steps) {
      if (step.kind === 'rows') join.feed(step.side, step.events);
      else if (step.kind === 'crash') join.crash();
      else {
        watermark = Math.max(0, watermark) + step.by;
        join.watermark(watermark);
      }
    }
    join.watermark(Number.POSITIVE_INFINITY);
    const expected = naively(steps, bounds, type);
    expect(join.seen).toEqual(expected.seen);
    expect(join.late).toEqual(expected.late);
    const { stateEntries, buildRows, lateRows } = join.stats();
    expect([stateEntries, buildRows, lateRows <= expected.late.length]).toEqual([0, 0, true]);
  });
}

describe('intervalJoin', () => {
  it.each(['inner', 'left', 'right', 'full'] as const)('gives what a naive %s join gives, across restarts', (type) => {
    fc.assert(agreesWithNaiveJoin(type), { numRuns: 150 });
  });

  it('is seen to be wrong when a restart forgets its state', () => {
    expect(
      fc.check(
        agreesWithNaiveJoin('full', () => undefined),
        { numRuns: 300 },
      ).failed,
    ).toBe(true);
  });

  it('holds nothing when the watermark has passed', () => {
    const join = driver(specOf({ lowerMs: 0, upperMs: 10, graceMs: 0 }, 'full'));
    join.feed(0, [{ side: 0, at: 5, key: 'a', value: 'x' }]);
    expect(join.stats()).toMatchObject({ stateEntries: 1 });
    const held = join.stats().stateBytes;
    join.watermark(15);
    expect(join.stats()).toMatchObject({ stateEntries: 0, unmatchedRows: 1 });
    expect(join.stats().stateBytes).toBeLessThan(held);
  });

  it('refuses bounds that make no interval, and a time column whose name is taken', () => {
    expect(() => specOf({ lowerMs: 1, upperMs: 0, graceMs: 0 }, 'inner')).toThrow('SABOT_JOINS_BOUNDS_INVALID');
    expect(() => specOf({ lowerMs: 0, upperMs: 0.5, graceMs: 0 }, 'inner')).toThrow('SABOT_JOINS_BOUNDS_INVALID');
    const stream = fakeStream(lefts, []) as unknown as Stream<typeof lefts.fields, 'event-time'>;
    const taken = () => streamStreamJoin(stream, stream, { on: 'key', withinMs: 1, timeColumn: 'at' });
    expect(taken).toThrow('SABOT_JOINS_COLUMN_COLLISION');
  });

  it('refuses a stream whose time column is gone', () => {
    const timeless = { ...fakeStream(lefts, []), eventTime: undefined } as unknown as Stream<
      typeof lefts.fields,
      'event-time'
    >;
    expect(() => streamStreamJoin(timeless, timeless, { on: 'key', withinMs: 1 })).toThrow(
      'SABOT_JOINS_EVENT_TIME_MISSING',
    );
  });
});

describe('streamStreamJoin', () => {
  // Source: the published table of Kafka Streams' join semantics; one key, 15 s apart, 5 s of grace, times in seconds.
  const arrivals: readonly (readonly [at: number, side: 0 | 1, value: string])[] = [
    [3, 0, 'A'],
    [4, 1, 'a'],
    [5, 0, 'B'],
    [6, 1, 'b'],
    [9, 0, 'C'],
    [10, 1, 'c'],
    [14, 1, 'd'],
    [15, 0, 'D'],
    [40, 0, 'E'],
    [60, 0, 'F'],
    [80, 1, 'f'],
    [100, 0, 'G'],
    [101, 0, 'H'],
  ];
  const pairs: Readonly<Record<number, readonly string[]>> = {
    4: ['[A,a]@4'],
    5: ['[B,a]@5'],
    6: ['[A,b]@6', '[B,b]@6'],
    9: ['[C,a]@9', '[C,b]@9'],
    10: ['[A,c]@10', '[B,c]@10', '[C,c]@10'],
    14: ['[A,d]@14', '[B,d]@14', '[C,d]@14'],
    15: ['[D,a]@15', '[D,b]@15', '[D,c]@15', '[D,d]@15'],
  };
  const leftAlone = { 80: ['[E,null]@40'], 100: ['[F,null]@60'] };
  const alone: Readonly<Record<IntervalJoinType, Readonly<Record<number, readonly string[]>>>> = {
    inner: {},
    left: leftAlone,
    right: { 101: ['[null,f]@80'] },
    full: { ...leftAlone, 101: ['[null,f]@80'] },
  };

  it.each(['inner', 'left', 'right', 'full'] as const)("equals the %s column of Kafka Streams' table", (type) => {
    const specs: OperatorSpec[] = [];
    const left = fakeStream(lefts, specs) as unknown as Stream<typeof lefts.fields, 'event-time'>;
    const right = fakeStream(rights, specs) as unknown as Stream<typeof rights.fields, 'event-time'>;
    streamStreamJoin(left, right, { on: 'key', type, select: ['r'], withinMs: 15, graceMs: 5 });
    expect(specs[0]).toMatchObject({ kind: 'stream_stream_join', facts: { variant: type } });
    const join = driver(specs[0] as OperatorSpec);
    for (const [at, side, value] of arrivals) {
      join.feed(side, [{ side, at, key: 'k', value }]);
      join.watermark(at - 1);
      expect([at, join.take()]).toEqual([at, [...(pairs[at] ?? []), ...(alone[type][at] ?? [])]]);
    }
  });

  it('runs in a job: two sources, their watermarks merged, everything flushed at the end', async () => {
    const times = Array.from({ length: 200 }, (_, i) => i * 10);
    const clicks = defineSchema({ at: timestamp('ms'), key: utf8(), n: int32() });
    const source = (offset: number) =>
      memorySource(clicks, [
        batchFromRows(
          clicks,
          times.map((at, n) => ({ at: at + offset, key: `k${n % 3}`, n })),
        ),
      ]);
    const left = Stream.from(source(0), { name: 'left', eventTime: 'at', batchRows: 16 });
    const right = Stream.from(source(1_000), { name: 'right', eventTime: 'at', batchRows: 7 });
    const { output } = streamStreamJoin(left, right, { on: 'key', type: 'full', withinMs: 4, name: 'join' });
    const sink = collectSink<typeof output.schema.fields>();
    await (await startJob(defineJob('pairs', [output.to(sink, { name: 'out' })]))).done;
    // Right rows 0…99 carry the times of left rows 100…199, and every third of those the same key.
    const keyOf = (n: number) => n % 3;
    const paired = times.filter((_, n) => n >= 100 && keyOf(n) === keyOf(n - 100)).length;
    const rows = sink.rows() as readonly Record<string, unknown>[];
    expect(rows.filter((row) => row['n'] !== null && row['n_right'] !== null)).toHaveLength(paired);
    expect(rows).toHaveLength(400 - paired);
  });
});
