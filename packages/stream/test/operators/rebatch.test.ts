import { batchOf, defineSchema, int32, rowsOf } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { rebatchSpec } from '../../src/operators/rebatch.js';
import { createOperatorHarness, type OperatorHarness } from '../../src/testing/operator-harness.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';

const schema = defineSchema({ value: int32() });
const batch = (...values: readonly number[]) => batchOf(schema, { value: values });
const opened = async (size: Parameters<typeof rebatchSpec>[1]) => {
  const clock = createVirtualClock();
  const harness = await createOperatorHarness(rebatchSpec(schema, size, undefined).create(), { clock });
  return { clock, harness };
};

/** What came out since the last look: the values of each batch, and signals in words. */
const told = (harness: OperatorHarness) =>
  harness
    .takeEmitted()
    .map((item) =>
      'batch' in item
        ? rowsOf(item.batch).map(({ value }) => value)
        : item.signal.kind === 'watermark'
          ? `watermark ${item.signal.timeMs}`
          : item.signal.kind,
    );

describe('rebatch', () => {
  it('joins small batches and cuts long ones to so many rows', async () => {
    const { harness } = await opened({ rows: 3 });
    await harness.process(batch(1, 2));
    expect(told(harness)).toEqual([]);
    await harness.process(batch(3, 4, 5, 6, 7));
    expect(told(harness)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(harness.operator.stats).toMatchObject({ stateEntries: 1, stateBytes: 4 });
  });

  it('lets a batch go when it has so many bytes', async () => {
    const { harness } = await opened({ bytes: 12 });
    await harness.process(batch(1, 2));
    await harness.process(batch(3));
    expect(told(harness)).toEqual([[1, 2, 3]]);
  });

  it('holds a watermark back behind the rows that came before it', async () => {
    const { harness } = await opened({ rows: 3 });
    await harness.process(batch(1));
    await harness.watermark(10);
    await harness.process(batch(2));
    await harness.watermark(20);
    expect(told(harness)).toEqual([]);
    await harness.process(batch(3, 4));
    expect(told(harness)).toEqual([[1, 2, 3], 'watermark 20']);
    await harness.watermark(Number.POSITIVE_INFINITY);
    expect(told(harness)).toEqual([[4], 'watermark Infinity']);
  });

  it('lets rows go at a barrier, when the input becomes idle, and when they have waited long enough', async () => {
    const { harness, clock } = await opened({ rows: 3, maxDelayMs: 50 });
    await harness.process(batch(1));
    await harness.signal({ kind: 'barrier', epoch: 1 });
    await harness.process(batch(2));
    await harness.signal({ kind: 'idle' });
    await harness.process(batch(3));
    expect(told(harness)).toEqual([[1], 'barrier', [2], 'idle']);
    clock.advance(49);
    expect(told(harness)).toEqual([]);
    clock.advance(1);
    expect(told(harness)).toEqual([[3]]);
  });

  it('does not let the delay of rows that are gone cut the next batch short', async () => {
    const { harness, clock } = await opened({ rows: 2, maxDelayMs: 50 });
    await harness.process(batch(1));
    clock.advance(40);
    await harness.process(batch(2));
    await harness.process(batch(3));
    told(harness);
    clock.advance(20);
    expect(told(harness)).toEqual([]);
    clock.advance(30);
    expect(told(harness)).toEqual([[3]]);
  });

  it.each([[{}], [{ rows: 0 }], [{ bytes: 1.5 }], [{ rows: 1, maxDelayMs: 0 }]])('refuses %o', (size) => {
    expect(() => rebatchSpec(schema, size, undefined)).toThrow(
      expect.objectContaining({ code: 'SABOT_STREAM_OPTION_INVALID' }),
    );
  });
});
