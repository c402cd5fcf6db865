import { rowsOf } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { hopping } from '../../src/time/window-spec.js';
import { batch, events, naiveHopping, runWindows, shown, windowOperator } from './window-model.js';

const END = Number.POSITIVE_INFINITY;

describe('hopping window aggregate', () => {
  it('gives every row to all windows that hold its time, in time order', async () => {
    const harness = await createOperatorHarness(windowOperator(hopping({ sizeMs: 10, slideMs: 5 })));
    await harness.process(batch(['a', 7, 1], ['b', 12, 2], ['a', 12, 3]));
    await harness.watermark(9);
    expect(harness.batches()).toEqual([]);
    await harness.watermark(10);
    expect(shown(harness.batches())).toEqual(['a[0,10) 1 1 1']);
    await harness.watermark(END);
    expect(shown(harness.batches()).slice(1)).toEqual([
      'a[5,15) 2 4 1',
      'b[5,15) 1 2 2',
      'b[10,20) 1 2 2',
      'a[10,20) 1 3 3',
    ]);
  });

  it('treats an end as outside, also before the epoch, with an offset and with a slide that does not divide the size', async () => {
    const harness = await createOperatorHarness(windowOperator(hopping({ sizeMs: 5, slideMs: 3, offsetMs: 1 })));
    await harness.process(batch(['a', -2, 1], ['a', 3, 2]));
    await harness.watermark(END);
    expect(shown(harness.batches())).toEqual(['a[-5,0) 1 1 1', 'a[-2,3) 1 1 1', 'a[1,6) 1 2 2']);
  });

  it('calls a row late only when all its windows are closed; else it enters the open ones', async () => {
    const operator = windowOperator(hopping({ sizeMs: 10, slideMs: 5 }));
    const harness = await createOperatorHarness(operator);
    await harness.watermark(10);
    await harness.process(batch(['a', 7, 1], ['a', 4, 2]));
    expect(harness.batches(1).flatMap((late) => [...rowsOf(late)])).toEqual([{ key: 'a', at: 4, value: 2n }]);
    expect(operator.stats.lateRows).toBe(1);
    await harness.watermark(END);
    expect(shown(harness.batches())).toEqual(['a[5,15) 1 1 1']);
  });

  it('gives a window again, whole, when rows come within the allowed lateness', async () => {
    const harness = await createOperatorHarness(windowOperator(hopping({ sizeMs: 10, slideMs: 5 }), 5));
    await harness.process(batch(['a', 2, 1], ['b', 2, 1]));
    await harness.watermark(10);
    await harness.process(batch(['a', 7, 5]));
    await harness.watermark(11);
    await harness.watermark(12);
    expect(shown(harness.batches())).toEqual([
      'a[-5,5) 1 1 1',
      'b[-5,5) 1 1 1',
      'a[0,10) 1 1 1',
      'b[0,10) 1 1 1',
      'a[0,10) 2 6 1',
    ]);
  });

  it('keeps one entry per pane and key, however many windows these are in, and none after the last is closed', async () => {
    const operator = windowOperator(hopping({ sizeMs: 1000, slideMs: 10 }), 5);
    const harness = await createOperatorHarness(operator);
    await harness.process(batch(['a', 1, 1], ['a', 9, 1], ['b', 1, 1], ['a', 10, 1]));
    expect(operator.stats.stateEntries).toBe(3);
    await harness.watermark(1004);
    expect(operator.stats.stateEntries).toBe(3);
    await harness.watermark(1005);
    expect(operator.stats.stateEntries).toBe(1);
    await harness.watermark(1015);
    expect(operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
  });

  it('refuses windows that leave gaps and lengths that are no whole milliseconds', () => {
    for (const options of [
      { sizeMs: 5, slideMs: 6 },
      { sizeMs: 0, slideMs: 1 },
      { sizeMs: 5, slideMs: 0.5 },
      { sizeMs: 5, slideMs: 5, offsetMs: Number.NaN },
    ]) {
      expect(() => hopping(options)).toThrow(expect.objectContaining({ code: 'SABOT_STREAM_OPTION_INVALID' }));
    }
  });

  it('equals a row-by-row model over random disorder, watermarks, lateness, batch sizes and a restart anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.integer({ min: 1, max: 15 }).chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size }))),
        fc.integer({ min: -7, max: 7 }),
        fc.integer({ min: 0, max: 15 }),
        fc.record({ batchRows: fc.integer({ min: 1, max: 5 }), restartAt: fc.nat(60) }),
        async (input, [sizeMs, slideMs], offsetMs, latenessMs, cuts) => {
          const outcome = await runWindows(hopping({ sizeMs, slideMs, offsetMs }), latenessMs, input, cuts);
          expect(outcome).toEqual(naiveHopping(input, latenessMs, sizeMs, slideMs, offsetMs));
        },
      ),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 150) },
    );
  });
});
