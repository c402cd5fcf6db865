import { batchOf, defineSchema, timestamp, utf8 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { passingOperator } from '../../src/operators/passing-operator.js';
import { defineJob } from '../../src/plan/job.js';
import type { OperatorSpec } from '../../src/plan/operator-spec.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import type { Stream as AnyStream } from '../../src/surface/stream.js';
import { Stream } from '../../src/surface/stream.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';
import { tumbling } from '../../src/time/window-spec.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms') });
type Columns = typeof schema.fields;
const batch = (...at: readonly number[]) => batchOf(schema, { key: at.map(() => 'k'), at });
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Two sources, one of two splits, flow together into a window. */
async function started(between: (stream: AnyStream<Columns, 'event-time'>) => AnyStream<Columns, 'event-time'>) {
  const clock = createVirtualClock();
  const [first, second] = [createSourceProbe(schema, { splits: ['busy', 'quiet'] }), createSourceProbe(schema)];
  const results = collectSink();
  const other = Stream.from(second, { name: 'other', eventTime: 'at' });
  const windows = between(
    Stream.from(first, { name: 'in', eventTime: 'at', idleTimeoutMs: 1000 }).union([other], { name: 'both' }),
  )
    .keyBy('key')
    .window(tumbling({ sizeMs: 10 }))
    .aggregate((a) => ({ rows: a.count() }), { name: 'w' });
  const running = await startJob(defineJob('job', [windows.to(results as never, { name: 'out' })]), { clock });
  return { clock, first, second, running, results };
}

function applied(stream: AnyStream<Columns, 'event-time'>, spec: Omit<OperatorSpec<Columns>, 'kind' | 'schema'>) {
  return stream.apply<Columns, 'event-time'>({ kind: 'test', schema, ...spec });
}

describe('explainWatermark', () => {
  it('names the split that is behind the others, and the way to it', async () => {
    const { first, second, running } = await started((stream) => stream);
    first.push(batch(25), 'busy');
    first.push(batch(8), 'quiet');
    second.push(batch(40));
    await settle();
    expect(running.explainWatermark('w', 10)).toEqual({
      operator: 'w',
      watermarkMs: 7,
      heldBackBy: { cause: 'split', operator: 'in', split: 'quiet', watermarkMs: 7 },
      path: ['w', 'both', 'in'],
      sentence:
        'Operator "w" is at 1970-01-01T00:00:00.007Z, before its window that ends at 1970-01-01T00:00:00.010Z may come ' +
        'out: split "quiet" of source "in" has only come to 1970-01-01T00:00:00.007Z.',
    });
    expect(running.explainWatermark('w', 7)).toMatchObject({ heldBackBy: undefined, path: ['w'] });
    first.push(batch(50), 'quiet');
    first.push(batch(60), 'busy');
    await settle();
    expect(running.explainWatermark('w')).toMatchObject({
      watermarkMs: 39,
      heldBackBy: { cause: 'split', operator: 'other', split: '0', watermarkMs: 39 },
    });
    await running.cancel();
  });

  it('names a split that has not given anything, until it is idle, and a source of idle splits alone', async () => {
    const { clock, first, second, running } = await started((stream) => stream);
    first.push(batch(25), 'busy');
    second.push(batch(20));
    second.end();
    await settle();
    const silent = running.explainWatermark('w');
    expect(silent.heldBackBy).toEqual({ cause: 'split', operator: 'in', split: 'quiet', watermarkMs: -Infinity });
    expect(silent.sentence).toBe('Operator "w" is at no time yet: split "quiet" of source "in" has not given any row.');
    clock.advance(1000);
    await settle();
    clock.advance(1000);
    await settle();
    expect(running.explainWatermark('w').heldBackBy).toMatchObject({ cause: 'idle', operator: 'in' });
    await running.cancel();
  });

  it('names an operator that passes on less than it was told', async () => {
    const holding = () => ({
      ...passingOperator((rows, output) => output.emit(rows)),
      forwardsWatermarks: true,
      onSignal: (signal: { kind: string; timeMs?: number }, output: { signal(value: never): void }) => {
        if (signal.kind === 'watermark')
          output.signal({ kind: 'watermark', timeMs: (signal.timeMs ?? 0) - 5 } as never);
      },
    });
    const { first, second, running } = await started((stream) =>
      applied(stream, { name: 'holder', create: holding as never }),
    );
    first.push(batch(25), 'busy');
    first.push(batch(25), 'quiet');
    second.push(batch(25));
    await settle();
    expect(running.explainWatermark('w')).toMatchObject({
      watermarkMs: 19,
      heldBackBy: { cause: 'operator', operator: 'holder', split: undefined, watermarkMs: 19 },
      path: ['w', 'holder'],
    });
    await running.cancel();
  });

  it('names the operator whose queue has not been worked off', async () => {
    let release: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = () => ({ ...passingOperator(() => undefined), process: () => waits });
    const { first, second, running } = await started((stream) =>
      applied(stream, { name: 'slow', async: true, create: slow as never }),
    );
    first.push(batch(25), 'busy');
    first.push(batch(25), 'quiet');
    second.push(batch(25));
    await settle();
    expect(running.explainWatermark('w')).toMatchObject({
      watermarkMs: -Infinity,
      heldBackBy: { cause: 'queue', operator: 'slow' },
      path: ['w', 'slow'],
    });
    release();
    await settle();
    expect(running.explainWatermark('w').heldBackBy).toMatchObject({ cause: 'split', watermarkMs: 24 });
    await running.cancel();
  });

  it('holds nothing against a job that has come to its end, and refuses operators that it does not have', async () => {
    const { first, second, running } = await started((stream) => stream);
    for (const split of ['busy', 'quiet']) first.end(split);
    second.end();
    await running.done;
    expect(running.explainWatermark('w')).toEqual({
      operator: 'w',
      watermarkMs: Infinity,
      heldBackBy: undefined,
      path: ['w'],
      sentence: 'Operator "w" is at the end of time: nothing holds it back.',
    });
    expect(() => running.explainWatermark('x')).toThrow(
      expect.objectContaining({ code: 'SABOT_STREAM_PLAN_INVALID', message: expect.stringContaining('both') }),
    );
  });
});
