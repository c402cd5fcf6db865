import { batchOf, defineSchema, int32 } from '@sabot/columnar';
import { resolveConfig } from '@sabot/core-observability/sdk';
import { expect, it, onTestFinished, vi } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import { performanceOptions } from '../../src/runtime/performance-options.js';
import { startJob } from '../../src/runtime/start-job.js';
import { jobModule } from '../../src/runtime/threads/job-module.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createSinkProbe } from '../../src/testing/sink-probe.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';

const schema = defineSchema({ n: int32() });

/** Runs a filter; `salt` makes code that was not generated before. */
async function codeGenerated(enableNative: boolean, salt: number): Promise<{ rows: unknown; functions: number }> {
  const { performance } = resolveConfig({ env: {}, flags: { performance: { enableNative } } });
  const generated = vi.spyOn(globalThis, 'Function');
  onTestFinished(() => generated.mockRestore());
  const sink = collectSink<typeof schema.fields>();
  const source = memorySource(schema, [batchOf(schema, { n: [1, 2, 3, 4, 5, 6] })]);
  const kept = Stream.from(source, { name: 'in' }).filter((c) => c.n.gt(1 + salt / 1000));
  await (await startJob(defineJob('job', [kept.to(sink)]), performanceOptions(performance))).done;
  const functions = generated.mock.calls.length;
  generated.mockRestore();
  return { rows: sink.rows(), functions };
}

it('enable_native decides whether expressions become code; the results are equal', async () => {
  const interpreted = await codeGenerated(false, 1);
  const native = await codeGenerated(true, 2);
  expect(interpreted.functions).toBe(0);
  expect(native.functions).toBeGreaterThan(0);
  expect(native.rows).toEqual([2, 3, 4, 5, 6].map((n) => ({ n })));
  expect(interpreted.rows).toEqual(native.rows);
});

const module = jobModule(new URL('file:///job.js'));

it.each([
  ['enable_native', { enableNative: false }, { expressions: 'interpreted' }],
  ['max_memory_mb', { maxMemoryMb: 64 }, { maxMemoryMb: 64 }],
  ['thread_pool_size', { threadPoolSize: 3 }, { parallelism: 3 }],
  ['buffer_size', { bufferSize: 500 }, { channelRows: 500 }],
  ['batch_size', { batchSize: 100 }, { batchRows: 100 }],
  ['nothing', {}, {}],
] as const)('%s becomes what startJob takes', (_key, settings, options) => {
  expect(performanceOptions(settings, module)).toEqual(options);
});

it('thread_pool_size is left out for a job that cannot have several threads', () => {
  expect(performanceOptions({ threadPoolSize: 3 })).toEqual({});
});

it('batch_size is the rows of a batch, where the stream does not say', async () => {
  const source = memorySource(schema, [batchOf(schema, { n: [1, 2, 3, 4, 5, 6] })]);
  const silent = collectSink<typeof schema.fields>();
  const says = collectSink<typeof schema.fields>();
  const job = defineJob('job', [
    Stream.from(source, { name: 'silent' }).to(silent),
    Stream.from(source, { name: 'says', batchRows: 3 }).to(says),
  ]);
  await (await startJob(job, performanceOptions({ batchSize: 2 }))).done;
  expect(silent.batches.map(({ numRows }) => numRows)).toEqual([2, 2, 2]);
  expect(says.batches.map(({ numRows }) => numRows)).toEqual([3, 3]);
});

it('buffer_size holds a source back whose sink takes nothing', async () => {
  const delivered = async (bufferSize: number) => {
    const probe = createSourceProbe(schema);
    const sink = createSinkProbe<typeof schema.fields>();
    for (let n = 0; n < 50; n++) probe.push(batchOf(schema, { n: [n] }));
    sink.holdUntil(new Promise(() => undefined));
    const job = defineJob('job', [Stream.from(probe, { name: 'in' }).to(sink, { name: 'out' })]);
    const running = await startJob(job, performanceOptions({ bufferSize }));
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    await running.cancel();
    return probe.delivered;
  };
  expect(await delivered(2)).toBeLessThan(12);
  expect(await delivered(1000)).toBe(50);
});
