import { batchOf, defineSchema, int64, nullable, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { tumbling } from '../../src/time/window-spec.js';

const schema = defineSchema({ key: utf8(), at: timestamp('us'), value: nullable(int64()) });
type Row = readonly [key: string, at: number, value: number | null];
const batch = (...rows: readonly Row[]) =>
  batchOf(schema, {
    key: rows.map(([key]) => key),
    at: rows.map(([, at]) => at),
    value: rows.map(([, , value]) => (value === null ? null : BigInt(value))),
  });

function hourly(sizeMs = 10, allowedLatenessMs = 0, offsetMs = 0) {
  const stream = Stream.from(memorySource(schema, []), { eventTime: 'at' })
    .keyBy('key')
    .window(tumbling({ sizeMs, offsetMs }), { allowedLatenessMs })
    .aggregate((a) => ({ rows: a.count(), total: a.sum('value'), last: a.last('value') }), { name: 'w' });
  const { node } = stream.edge;
  if (node.kind !== 'operator') throw new Error('not an operator');
  return node.spec.create();
}
const results = (batches: readonly Parameters<typeof rowsOf>[0][]) =>
  batches
    .flatMap((result) => [...rowsOf(result)])
    .map((row) => [row['key'], row['windowStart'], row['rows'], row['total']]);

describe('tumbling window aggregate', () => {
  it('gives one row per key and window once the watermark has passed its end, stamped end − 1 ms', async () => {
    const harness = await createOperatorHarness(hourly());
    await harness.process(batch(['a', 0, 1], ['b', 9, 2], ['a', 9, 3], ['a', 10, 4]));
    await harness.watermark(9);
    expect(harness.batches()).toEqual([]);
    await harness.watermark(10);
    expect(harness.batches().flatMap((result) => [...rowsOf(result)])).toEqual([
      { key: 'a', windowStart: 0, windowEnd: 10, windowTime: 9, rows: 2n, total: 4n, last: 3n },
      { key: 'b', windowStart: 0, windowEnd: 10, windowTime: 9, rows: 1n, total: 2n, last: 2n },
    ]);
  });

  it('treats an end as the next window’s beginning, also before the epoch and with an offset', async () => {
    const harness = await createOperatorHarness(hourly(10, 0, 3));
    await harness.process(batch(['a', -8, 1], ['a', -7, 2], ['a', 2, 3], ['a', 3, 4]));
    await harness.watermark(Number.POSITIVE_INFINITY);
    expect(results(harness.batches())).toEqual([
      ['a', -17, 1n, 1n],
      ['a', -7, 2n, 5n],
      ['a', 3, 1n, 4n],
    ]);
  });

  it('gives late rows to the side output, counted, and takes rows of open windows behind the watermark', async () => {
    const operator = hourly();
    const harness = await createOperatorHarness(operator);
    await harness.process(batch(['a', 25, 1]));
    await harness.watermark(12);
    await harness.process(batch(['a', 9, 7], ['a', 11, 2], ['a', 3, 8]));
    expect(harness.batches(1).flatMap((late) => [...rowsOf(late)])).toEqual([
      { key: 'a', at: 9, value: 7n },
      { key: 'a', at: 3, value: 8n },
    ]);
    expect(operator.stats.lateRows).toBe(2);
    await harness.watermark(Number.POSITIVE_INFINITY);
    expect(results(harness.batches())).toEqual([
      ['a', 10, 1n, 2n],
      ['a', 20, 1n, 1n],
    ]);
  });

  it('gives a window again, whole, when rows come within the allowed lateness, and is late only after it', async () => {
    const operator = hourly(10, 5);
    const harness = await createOperatorHarness(operator);
    await harness.process(batch(['a', 1, 1], ['b', 2, 1]));
    await harness.watermark(10);
    await harness.process(batch(['a', 3, 5]));
    await harness.watermark(14);
    await harness.process(batch(['b', 3, 5]));
    await harness.watermark(15);
    await harness.process(batch(['a', 3, 5]));
    expect(results(harness.batches())).toEqual([
      ['a', 0, 1n, 1n],
      ['b', 0, 1n, 1n],
      ['a', 0, 2n, 6n],
      ['b', 0, 2n, 6n],
    ]);
    expect(operator.stats.lateRows).toBe(1);
  });

  it('holds no state after the last window has been cleaned up', async () => {
    const operator = hourly(10, 5);
    const harness = await createOperatorHarness(operator);
    await harness.process(batch(['a', 1, 1], ['b', 12, 1], ['c', 1, null]));
    expect(operator.stats.stateEntries).toBe(3);
    await harness.watermark(10);
    expect(operator.stats.stateEntries).toBe(3);
    await harness.watermark(15);
    expect(operator.stats.stateEntries).toBe(1);
    await harness.watermark(25);
    expect(operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
  });

  it('refuses a row without event time', async () => {
    const times = defineSchema({ key: utf8(), at: nullable(timestamp('ms')), value: nullable(int64()) });
    const harness = await createOperatorHarness(hourly());
    const bad = batchOf(times, { key: ['a'], at: [null], value: [1n] });
    await expect(harness.process(bad)).rejects.toMatchObject({ code: 'SABOT_STREAM_EVENT_TIME_NULL' });
  });

  const events = fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: -50, max: 50 }) }),
      },
      { weight: 1, arbitrary: fc.record({ watermark: fc.integer({ min: -60, max: 60 }) }) },
    ),
    { maxLength: 60 },
  );

  it('equals a row-by-row model over random disorder, watermarks, lateness, batch sizes and a restart anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(60),
        async (input, sizeMs, latenessMs, batchRows, restartAt) => {
          const model = naiveWindows(input, sizeMs, latenessMs);
          expect(await run(input, sizeMs, latenessMs, batchRows, restartAt)).toEqual(model);
        },
      ),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 150) },
    );
  });
});

type Event = { readonly key: string; readonly at: number } | { readonly watermark: number };

interface Outcome {
  readonly results: readonly string[];
  readonly late: readonly string[];
}

async function run(
  input: readonly Event[],
  sizeMs: number,
  latenessMs: number,
  batchRows: number,
  restartAt: number,
): Promise<Outcome> {
  let harness = await createOperatorHarness(hourly(sizeMs, latenessMs));
  const out: string[] = [];
  const late: string[] = [];
  let gathered: Row[] = [];
  const flush = async () => {
    if (gathered.length > 0) await harness.process(batch(...gathered));
    gathered = [];
  };
  const take = () => {
    for (const item of harness.takeEmitted()) {
      if (!('batch' in item)) continue;
      for (const row of rowsOf(item.batch)) {
        if (item.port === 1) late.push(`${row['key']}@${row['at']}`);
        else out.push(`${row['key']}@${row['windowStart']}=${row['rows']}`);
      }
    }
  };
  for (const [at, event] of [...input, { watermark: Number.POSITIVE_INFINITY }].entries()) {
    if (at === restartAt) {
      await flush();
      take();
      const checkpoint = await harness.checkpoint(1);
      take();
      harness = await createOperatorHarness(hourly(sizeMs, latenessMs), {}, [checkpoint]);
    }
    if ('watermark' in event) {
      await flush();
      await harness.watermark(event.watermark);
    } else {
      gathered.push([event.key, event.at, 1]);
      if (gathered.length >= batchRows) await flush();
    }
    take();
  }
  return { results: out, late };
}

/** Each sentence of the rules as written, one row at a time. */
function naiveWindows(input: readonly Event[], sizeMs: number, latenessMs: number): Outcome {
  const windows: { key: string; start: number; rows: number; changed: boolean }[] = [];
  const results: string[] = [];
  const late: string[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  for (const event of [...input, { watermark: Number.POSITIVE_INFINITY }]) {
    if ('watermark' in event) {
      watermark = Math.max(watermark, event.watermark);
      const due = windows.filter(({ start, changed }) => changed && start + sizeMs <= watermark);
      for (const window of due.sort((a, b) => a.start - b.start)) {
        results.push(`${window.key}@${window.start}=${window.rows}`);
        window.changed = false;
      }
      for (let at = windows.length - 1; at >= 0; at--) {
        if ((windows[at]?.start as number) + sizeMs + latenessMs <= watermark) windows.splice(at, 1);
      }
      continue;
    }
    const start = Math.floor(event.at / sizeMs) * sizeMs;
    if (start + sizeMs + latenessMs <= watermark) {
      late.push(`${event.key}@${event.at}`);
      continue;
    }
    const window = windows.find((candidate) => candidate.key === event.key && candidate.start === start);
    if (window === undefined) windows.push({ key: event.key, start, rows: 1, changed: true });
    else {
      window.rows++;
      window.changed = true;
    }
  }
  return { results, late };
}
