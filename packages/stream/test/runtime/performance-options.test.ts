import { batchOf, defineSchema, int32 } from '@sabot/columnar';
import { resolveConfig } from '@sabot/core-observability/sdk';
import { expect, it, onTestFinished, vi } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import { performanceOptions } from '../../src/runtime/performance-options.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';

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

it('max_memory_mb is the bound of the job', () => {
  const { performance } = resolveConfig({ env: {}, flags: { performance: { maxMemoryMb: 256 } } });
  expect(performanceOptions(performance)).toEqual({ expressions: 'auto', maxMemoryMb: 256 });
});
