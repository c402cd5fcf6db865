import { rowsOf } from '@sabot/columnar';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { session } from '../../src/time/window-spec.js';
import { batch, events, naiveSessions, runWindows, shown, windowOperator } from './window-model.js';

const END = Number.POSITIVE_INFINITY;

describe('session window aggregate', () => {
  it('runs per key from the first row to the gap after the last; a row at its very end begins the next', async () => {
    const harness = await createOperatorHarness(windowOperator(session({ gapMs: 10 })));
    await harness.process(batch(['a', 0, 1], ['b', 3, 2], ['a', 9, 3], ['a', 19, 4], ['a', 28, 5]));
    await harness.watermark(18);
    expect(shown(harness.batches())).toEqual(['b[3,13) 1 2 2']);
    await harness.watermark(19);
    expect(shown(harness.batches()).slice(1)).toEqual(['a[0,19) 2 4 1']);
    await harness.watermark(END);
    expect(shown(harness.batches()).slice(2)).toEqual(['a[19,38) 2 9 4']);
  });

  it.each([
    [
      'in one batch',
      [
        [
          ['a', 0, 1],
          ['a', 15, 2],
          ['a', 8, 3],
        ],
      ],
    ],
    ['across batches', [[['a', 0, 1]], [['a', 15, 2]], [['a', 8, 3]]]],
  ] as const)('makes one session of two that a row bridges, %s', async (_, batches) => {
    const operator = windowOperator(session({ gapMs: 10 }));
    const harness = await createOperatorHarness(operator);
    for (const rows of batches) await harness.process(batch(...rows));
    expect(operator.stats.stateEntries).toBe(1);
    await harness.watermark(END);
    expect(shown(harness.batches())).toEqual(['a[0,25) 3 6 1']);
  });

  it('calls a row late only when its own session would be closed and it touches no open one', async () => {
    const operator = windowOperator(session({ gapMs: 10 }));
    const harness = await createOperatorHarness(operator);
    await harness.process(batch(['a', 9, 1]));
    await harness.watermark(15);
    await harness.process(batch(['a', 5, 2], ['b', 5, 3], ['b', 6, 4]));
    expect(harness.batches(1).flatMap((late) => [...rowsOf(late)])).toEqual([{ key: 'b', at: 5, value: 3n }]);
    expect(operator.stats.lateRows).toBe(1);
    await harness.watermark(END);
    expect(shown(harness.batches())).toEqual(['b[6,16) 1 4 4', 'a[5,19) 2 3 1']);
  });

  it('gives sessions again, as what they have become, when rows come within the allowed lateness', async () => {
    const harness = await createOperatorHarness(windowOperator(session({ gapMs: 10 }), 20));
    await harness.process(batch(['a', 0, 1], ['a', 15, 2]));
    await harness.watermark(26);
    await harness.process(batch(['a', 8, 3]));
    await harness.watermark(27);
    await harness.watermark(28);
    expect(shown(harness.batches())).toEqual(['a[0,10) 1 1 1', 'a[15,25) 1 2 2', 'a[0,25) 3 6 1']);
  });

  it('holds no state after the last session is closed, nor for keys whose rows were all late', async () => {
    const operator = windowOperator(session({ gapMs: 10 }), 5);
    const harness = await createOperatorHarness(operator);
    await harness.process(batch(['a', 0, 1], ['b', 9, 2]));
    expect(operator.stats.stateEntries).toBe(2);
    await harness.watermark(15);
    expect(operator.stats.stateEntries).toBe(1);
    await harness.watermark(24);
    expect(operator.stats).toMatchObject({ stateEntries: 0, stateBytes: 0 });
    await harness.process(batch(...Array.from({ length: 100 }, (_, row) => [`late-${row}`, 0, row] as const)));
    expect(operator.stats).toMatchObject({ lateRows: 100, stateEntries: 0, stateBytes: 0 });
  });

  it('keeps its numbers small while sessions come and go', async () => {
    const operator = windowOperator(session({ gapMs: 2 }));
    const harness = await createOperatorHarness(operator);
    await harness.process(batch(['stays', 1_000_000, 1]));
    let mostBytes = 0;
    for (let round = 0; round < 200; round++) {
      await harness.process(batch(...Array.from({ length: 20 }, (_, n) => [`k${round}-${n}`, round * 10, n] as const)));
      await harness.watermark(round * 10 + 5);
      mostBytes = Math.max(mostBytes, operator.stats.stateBytes);
    }
    expect(operator.stats.stateEntries).toBe(1);
    expect(shown(harness.batches())).toHaveLength(4000);
    expect(mostBytes).toBeLessThan(100_000);
  });

  it('refuses a gap that is no whole number of milliseconds', () => {
    for (const gapMs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => session({ gapMs })).toThrow(expect.objectContaining({ code: 'SABOT_STREAM_OPTION_INVALID' }));
    }
  });

  it('equals a row-by-row model over random disorder, watermarks, lateness, batch sizes and a restart anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.integer({ min: 1, max: 15 }),
        fc.integer({ min: 0, max: 15 }),
        fc.record({ batchRows: fc.integer({ min: 1, max: 8 }), restartAt: fc.nat(60) }),
        async (input, gapMs, latenessMs, cuts) => {
          const outcome = await runWindows(session({ gapMs }), latenessMs, input, cuts);
          expect(outcome).toEqual(naiveSessions(input, latenessMs, gapMs));
        },
      ),
      { numRuns: Number(process.env['SABOT_TEST_RUNS'] ?? 150) },
    );
  });
});
