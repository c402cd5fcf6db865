import { batchOf, defineSchema, int32, rowsOf } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { passingOperator } from '../../src/operators/passing-operator.js';
import { defineJob } from '../../src/plan/job.js';
import type { ClockCall, OperatorContext } from '../../src/ports/operator.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { Stream } from '../../src/surface/stream.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';

const schema = defineSchema({ value: int32() });
const row = (value: number) => batchOf(schema, { value: [value] });

/** A job whose operator only says what its calls say; `settled` waits until it has nothing to do. */
async function running(open: (context: OperatorContext) => void, decorators = {}) {
  const clock = createVirtualClock(1000);
  const source = createSourceProbe(schema, { bounded: false });
  const sink = collectSink<(typeof schema)['fields']>();
  const stream = Stream.from(source, { name: 'in' }).apply({
    kind: 'calling',
    name: 'calling',
    schema,
    create: () => ({ ...passingOperator((batch, output) => output.emit(batch)), open }),
  });
  const job = await startJob(defineJob('job', [stream.to(sink)]), { clock, ...decorators });
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    return sink.batches.flatMap((batch) => rowsOf(batch).map(({ value }) => value));
  };
  return { clock, source, job, settled };
}

describe('a call at a time of the clock', () => {
  it('comes when the clock has come so far, at once when it has already, and not when it was taken back', async () => {
    const { clock, job, settled } = await running((context) => {
      const says =
        (value: number): ClockCall =>
        (nowMs, output) =>
          output.emit(row(value * 10_000 + nowMs));
      context.callAt(1200, says(2));
      context.callAt(1100, says(1));
      context.callAt(1150, says(9))();
      context.callAt(0, says(0));
    });
    expect(await settled()).toEqual([1000]);
    clock.advance(100);
    expect(await settled()).toEqual([1000, 11_100]);
    clock.advance(1000);
    expect(await settled()).toEqual([1000, 11_100, 22_100]);
    await job.cancel();
  });

  it('does not come once the job has ended', async () => {
    let asked: OperatorContext | undefined;
    let calls = 0;
    const { clock, job } = await running((context) => {
      asked = context;
      context.callAt(2000, () => calls++);
    });
    await job.cancel();
    asked?.callAt(0, () => calls++);
    clock.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect([calls, clock.pending]).toEqual([0, 0]);
  });

  it('fails the job under the name of its operator when it throws', async () => {
    const { job } = await running((context) => {
      context.callAt(0, () => {
        throw new RangeError('out of luck');
      });
    });
    await expect(job.done).rejects.toMatchObject({
      code: 'SABOT_STREAM_OPERATOR_FAILED',
      message: expect.stringContaining('calling'),
    });
  });
});
