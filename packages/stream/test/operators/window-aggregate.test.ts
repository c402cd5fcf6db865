import { batchOf, defineSchema, int64, nullable, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { tumbling } from '../../src/time/window-spec.js';
import { batch, events, naiveHopping, runWindows, schema } from './window-model.js';

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

  it('equals a row-by-row model over random disorder, watermarks, lateness, batch sizes and a restart anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 15 }),
        fc.record({ batchRows: fc.integer({ min: 1, max: 5 }), restartAt: fc.nat(60) }),
        async (input, sizeMs, latenessMs, cuts) => {
          const outcome = await runWindows(tumbling({ sizeMs }), latenessMs, input, cuts);
          expect(outcome).toEqual(naiveHopping(input, latenessMs, sizeMs, sizeMs, 0));
        },
      ),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 150) },
    );
  });
});
