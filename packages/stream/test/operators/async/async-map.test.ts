import { setTimeout as sleep } from 'node:timers/promises';
import { batchOf, defineSchema, int32, rowsOf, timestamp } from '@sabot/columnar';
import { createMemorySnapshotStore } from '@sabot/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AsyncMapDescription, asyncMapSpec } from '../../../src/operators/async/async-map.js';
import { defineJob } from '../../../src/plan/job.js';
import { startJob } from '../../../src/runtime/start-job.js';
import { collectSink } from '../../../src/sinks/memory-sinks.js';
import { memorySource } from '../../../src/sources/memory-source.js';
import { Stream } from '../../../src/surface/stream.js';
import { createMemoryCommitRegister } from '../../../src/testing/memory-commit-register.js';
import { operatorConformance } from '../../../src/testing/operator-conformance.js';
import { createOperatorHarness } from '../../../src/testing/operator-harness.js';
import { createSourceProbe } from '../../../src/testing/source-probe.js';
import { createVirtualClock } from '../../../src/testing/virtual-clock.js';

const schema = defineSchema({ at: timestamp('ms'), value: int32() });
const batch = (...values: readonly number[]) => batchOf(schema, { at: values, value: values });
const numbers = Array.from({ length: 40 }, (_, at) => at);
const described = (call: AsyncMapDescription['call'], more: Partial<AsyncMapDescription> = {}) =>
  asyncMapSpec({
    name: undefined,
    input: schema,
    output: schema,
    eventTime: undefined,
    onError: 'fail',
    call,
    ...more,
  });
const tick = () => sleep(0);
const slowly = <R>(row: R): Promise<R> => tick().then(() => row);

describe('async map', () => {
  const spec = described(slowly, { concurrency: 3 });
  const scenario = [{ batch: batch(1, 2, 3, 4, 5) }, { watermarkMs: 3 }, { batch: batch(6, 7) }, { watermarkMs: 7 }];
  for (const { name, run } of operatorConformance('ordered', () => ({ create: () => spec.create(), scenario }))) {
    it(name, run);
  }

  it('keeps the order of rows whatever the calls take, and runs no more at a time than it may', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (takes, concurrency) => {
          let [running, most] = [0, 0];
          const source = memorySource(schema, [batch(...numbers)]);
          const stream = Stream.from(source, { eventTime: 'at', batchRows: 9 }).asyncMap(
            schema,
            async (row) => {
              most = Math.max(most, ++running);
              for (let turn = 0; turn < (takes[row.value] as number); turn++) await tick();
              running--;
              return { at: row.at, value: row.value * 2 };
            },
            { concurrency },
          );
          const sink = collectSink<(typeof schema)['fields']>();
          await (await startJob(defineJob('job', [stream.to(sink)]))).done;
          expect(sink.rows().map(({ value }) => value)).toEqual(numbers.map((value) => value * 2));
          expect(most).toBe(concurrency);
        },
      ),
      { numRuns: 15 },
    ));

  it('unordered, lets results go as they come but none past a watermark', async () => {
    const done = new Map<number, () => void>();
    const call: AsyncMapDescription['call'] = async (row) => {
      await new Promise<void>((resolve) => done.set(Number(row['value']), resolve));
      return row;
    };
    const harness = await createOperatorHarness(described(call, { ordered: false }).create());
    await harness.process(batch(1, 2, 3));
    await harness.watermark(3);
    await harness.process(batch(4));
    for (const value of [4, 3, 1]) {
      done.get(value)?.();
      await tick();
    }
    const told = () =>
      harness
        .takeEmitted()
        .flatMap((item): unknown[] =>
          'batch' in item ? [...rowsOf(item.batch)].map(({ value }) => value) : [item.signal],
        );
    expect(told()).toEqual([3, 1]);
    done.get(2)?.();
    await tick();
    expect(told()).toEqual([2, { kind: 'watermark', timeMs: 3 }, 4]);
    await harness.close();
  });

  it('lets results go while the source is quiet', async () => {
    const source = createSourceProbe(schema);
    const stream = Stream.from(source, { eventTime: 'at' }).asyncMap(schema, slowly);
    const sink = collectSink<(typeof schema)['fields']>();
    const running = await startJob(defineJob('job', [stream.to(sink)]));
    source.push(batch(1));
    await expect.poll(() => sink.rows().length).toBe(1);
    await running.cancel();
  });

  it('tries again with growing pauses, then follows the error policy', async () => {
    const clock = createVirtualClock();
    const tries: number[] = [];
    const call: AsyncMapDescription['call'] = async (row, { attempt }) => {
      tries.push(attempt);
      if (row['value'] === 1 || attempt < 3) throw new Error(`try ${attempt}`);
      return row;
    };
    const retry = { attempts: 3, backoffMs: 10, maxBackoffMs: 15 };
    const operator = described(call, { retry, onError: 'skip', concurrency: 1 }).create();
    const harness = await createOperatorHarness(operator, { clock });
    const working = harness.process(batch(1, 2)).then(() => harness.signal({ kind: 'end' }));
    const pauses = [10, 15, 10, 15];
    for (const [at, pause] of pauses.entries()) {
      await tick();
      clock.advance(pause - 1);
      await tick();
      expect(tries).toHaveLength(Math.floor(at / 2) * 3 + (at % 2) + 1);
      clock.advance(1);
      await tick();
    }
    await working;
    expect(harness.batches().flatMap((out) => rowsOf(out).map(({ value }) => value))).toEqual([2]);
    expect(harness.operator.stats).toMatchObject({ skippedRows: 1, retries: 4 });
  });

  it('gives up a call that takes too long, tells it so, and goes on', async () => {
    const clock = createVirtualClock();
    const aborted: unknown[] = [];
    const call: AsyncMapDescription['call'] = (row, { signal }) =>
      row['value'] === 1
        ? new Promise(() => signal.addEventListener('abort', () => aborted.push(row['value'])))
        : Promise.resolve(row);
    const operator = described(call, { timeoutMs: 50, onError: 'deadLetter' }).create();
    const harness = await createOperatorHarness(operator, { clock });
    await harness.process(batch(1, 2));
    await tick();
    expect(harness.batches()).toEqual([]);
    clock.advance(50);
    await tick();
    expect(harness.batches().flatMap((out) => rowsOf(out).map(({ value }) => value))).toEqual([2]);
    expect(harness.batches(1).flatMap((out) => rowsOf(out))).toMatchObject([
      { value: 1, _error_code: 'SABOT_STREAM_TIMED_OUT' },
    ]);
    expect(aborted).toEqual([1]);
    expect(harness.operator.stats).toMatchObject({ timeouts: 1, deadLetterRows: 1 });
  });

  it('fails the job at once when a later row fails while an earlier one hangs, and ends when it is cancelled', async () => {
    const hanging = (value: number) =>
      Stream.from(memorySource(schema, [batch(1, 2)]), { eventTime: 'at' }).asyncMap(
        schema,
        async (row) => {
          if (row.value === value) throw new Error('no luck');
          return new Promise(() => undefined);
        },
        { name: 'ask' },
      );
    const failing = await startJob(defineJob('job', [hanging(2).to(collectSink())]));
    await expect(failing.done).rejects.toMatchObject({ code: 'SABOT_STREAM_OPERATOR_FAILED', why: 'no luck' });
    const running = await startJob(defineJob('job', [hanging(3).to(collectSink())]));
    await tick();
    await expect(running.cancel()).resolves.toMatchObject({ state: 'cancelled' });
  });

  it('lets a checkpoint wait until no row is in flight', async () => {
    const source = createSourceProbe(schema);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const stream = Stream.from(source, { eventTime: 'at' }).asyncMap(schema, (row) => held.then(() => row));
    const sink = collectSink<(typeof schema)['fields']>();
    const register = createMemoryCommitRegister();
    const checkpoint = { register, snapshots: createMemorySnapshotStore(), intervalMs: 5 };
    const running = await startJob(defineJob('job', [stream.to(sink)]), { checkpoint });
    source.push(batch(1));
    await expect.poll(() => source.delivered).toBe(1);
    await sleep(30);
    const before = register.history.at(-1)?.positions;
    release();
    await expect.poll(() => JSON.stringify(register.history.at(-1)?.positions)).toContain('"next":1');
    expect(JSON.stringify(before)).not.toContain('"next":1');
    expect(sink.rows()).toHaveLength(1);
    await running.cancel();
  });

  it.each([
    [{ concurrency: 0 }],
    [{ timeoutMs: 0.5 }],
    [{ retry: { attempts: 0 } }],
    [{ retry: { attempts: 2, backoffMs: -1 } }],
  ])('refuses %o', (options) => {
    expect(() => described(async (row) => row, options)).toThrow(
      expect.objectContaining({ code: 'SABOT_STREAM_OPTION_INVALID' }),
    );
  });
});
