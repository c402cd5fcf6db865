import { createMemorySnapshotStore } from '@sabot/state';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningJob } from '../../../src/runtime/job-run.js';
import { startJob } from '../../../src/runtime/start-job.js';
import { type JobModule, jobModule } from '../../../src/runtime/threads/job-module.js';
import { createMemoryCommitRegister } from '../../../src/testing/memory-commit-register.js';
import { createSinkProbe } from '../../../src/testing/sink-probe.js';
import { createVirtualClock } from '../../../src/testing/virtual-clock.js';
import { allRows, countLine, crashJob, expectedOutput, windowLine } from '../../recovery/crash-job.js';
import { bundledModule } from './bundled-module.js';
import type { ThreadJobOptions, threadJob } from './thread-job.js';

let bundle: Awaited<ReturnType<typeof bundledModule>>;
let common: Awaited<ReturnType<typeof bundledModule>>;
beforeAll(async () => {
  [bundle, common] = await Promise.all([bundledModule('thread-job.ts'), bundledModule('thread-job.ts', 'cjs')]);
}, 60_000);
afterAll(() => Promise.all([bundle.remove(), common.remove()]));

const SINKS = 'sabotThreadSinks';
afterEach(() => void Reflect.deleteProperty(globalThis, SINKS));

/** A job on threads with what outlives its attempts. */
function world(seed: number) {
  const sinks = { windows: createSinkProbe(), counts: createSinkProbe() };
  Reflect.set(globalThis, SINKS, sinks);
  const checkpoint = { register: createMemoryCommitRegister(), snapshots: createMemorySnapshotStore(), intervalMs: 2 };
  const moduleOf = (more: Partial<ThreadJobOptions>, url = bundle.url): JobModule =>
    jobModule(url, { seed, sinks: SINKS, ...more } satisfies Parameters<typeof threadJob>[0], {
      exportName: 'threadJob',
    });
  return {
    moduleOf,
    output: () => ({
      windows: sinks.windows.committed().map(windowLine).sort(),
      counts: sinks.counts.committed().map(countLine).sort(),
    }),
    hold: (until: Promise<void>) => sinks.counts.holdUntil(until),
    open: () => sinks.windows.calls.open + sinks.counts.calls.open,
    start: (parallelism: number, more: Partial<ThreadJobOptions> = {}, url?: URL): Promise<RunningJob> =>
      startJob(moduleOf(more, url), { checkpoint, parallelism, channelBytes: 200, turnMs: 1 }),
  };
}

describe('a job on several threads', () => {
  it.each([2, 3])('gives the output of one, on %i', { timeout: 60_000 }, async (parallelism) => {
    const made = world(1);
    const running = await made.start(parallelism);
    const result = await running.done;
    expect(result).toMatchObject({ state: 'finished', rowsIn: allRows(1).length });
    expect(made.output()).toEqual(expectedOutput(1));
    expect(made.open()).toBe(0);
  });

  it('runs a CommonJS module', { timeout: 60_000 }, async () => {
    const made = world(2);
    await (await made.start(2, {}, common.url)).done;
    expect(made.output()).toEqual(expectedOutput(2));
  });

  it('sums up what every operator has done over its lanes, those of other threads too', {
    timeout: 60_000,
  }, async () => {
    const made = world(1);
    const running = await made.start(2);
    await running.done;
    const rows = allRows(1).length;
    const { operators } = running.status();
    const byId = new Map(operators.map((operator) => [operator.id, operator]));
    expect(byId.get('united')?.stats).toMatchObject({ rowsIn: rows, rowsOut: rows });
    expect(byId.get('counted')?.stats.rowsIn).toBe(rows);
    expect(byId.get('counted')?.stats.inputWatermarkMs).toBe(Number.POSITIVE_INFINITY);
    for (const { times } of operators) {
      const elapsedMs = times.busyMs + times.idleMs + times.backpressuredMs;
      expect(times.idleMs).toBeGreaterThanOrEqual(0);
      expect(elapsedMs).toBeCloseTo(operators[0] === undefined ? 0 : sumOf(operators[0].times), 6);
    }
  });

  it('names what threw on another thread, with its stack', { timeout: 60_000 }, async () => {
    const made = world(1);
    const running = await made.start(2, { crash: { thread: 'worker', batch: 3, how: 'throw' } });
    const error = await running.done.catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ code: 'SABOT_STREAM_OPERATOR_FAILED', facts: { operator: 'crash@1', thread: 1 } });
    expect((error as Error).stack).toContain('thread-job');
    expect(made.open()).toBe(0);
  });

  it('fails with a code of its own when a thread dies', { timeout: 60_000 }, async () => {
    const made = world(1);
    const running = await made.start(2, { crash: { thread: 'worker', batch: 3, how: 'exit' } });
    await expect(running.done).rejects.toMatchObject({ code: 'SABOT_STREAM_THREAD_FAILED', facts: { thread: 1 } });
    expect(made.open()).toBe(0);
  });

  it('drains: what was read is committed, and the next start goes on behind it', { timeout: 60_000 }, async () => {
    const made = world(3);
    const running = await made.start(2, { paceMs: 3 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await running.drain()).toMatchObject({ state: 'drained' });
    await (await made.start(3)).done;
    expect(made.output()).toEqual(expectedOutput(3));
  });

  it('ends at once when it is cancelled, at whatever moment, and leaves no handle open', {
    timeout: 60_000,
  }, async () => {
    const before = openHandles();
    for (const afterMs of [0, 1, 10, 40]) {
      const made = world(4);
      const running = await made.start(2, { paceMs: 2 });
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
      expect(await running.cancel(), `after ${afterMs} ms`).toMatchObject({ state: 'cancelled' });
      expect(made.open()).toBe(0);
    }
    const aborted = world(4);
    const running = await startJob(aborted.moduleOf({}), { parallelism: 2, signal: AbortSignal.abort() });
    expect(await running.done).toMatchObject({ state: 'cancelled' });
    expect(openHandles()).toEqual(before);
  });

  it('is cancelled when draining takes longer than its deadline', { timeout: 60_000 }, async () => {
    const made = world(4);
    const held = new Promise<void>(() => undefined);
    const running = await made.start(2, { paceMs: 1 });
    made.hold(held);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await running.drain({ deadlineMs: 20 })).toMatchObject({ state: 'cancelled' });
    expect(made.open()).toBe(0);
  });

  it('is refused where threads cannot be told what the job is', async () => {
    const job = crashJob({ seed: 1, windows: createSinkProbe(), counts: createSinkProbe() });
    await expect(startJob(job, { parallelism: 2 })).rejects.toMatchObject({ code: 'SABOT_STREAM_NOT_A_JOB_MODULE' });
    const made = world(1);
    const clock = createVirtualClock();
    const refused = startJob(made.moduleOf({}), { parallelism: 2, clock });
    await expect(refused).rejects.toMatchObject({ code: 'SABOT_STREAM_OPTION_INVALID' });
    const unknown = startJob(jobModule(bundle.url, undefined, { exportName: 'nothing' }), { parallelism: 2 });
    await expect(unknown).rejects.toBeDefined();
  });

  it('is refused when a thread describes another plan', { timeout: 60_000 }, async () => {
    const made = world(1);
    await expect(made.start(2, { differs: true })).rejects.toMatchObject({ code: 'SABOT_STREAM_PLAN_DIFFERS' });
    expect(made.open()).toBe(0);
  });
});

/** Threads and their ports; timers come and go with the test runner. */
function openHandles(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /Worker|MessagePort|Immediate/.test(kind))
    .sort();
}

function sumOf(times: { readonly busyMs: number; readonly idleMs: number; readonly backpressuredMs: number }): number {
  return times.busyMs + times.idleMs + times.backpressuredMs;
}

describe('P1: a job that crashes anywhere and goes on with another parallelism', () => {
  const SEEDS = Number(process.env['SABOT_TEST_RUNS'] ?? 6);

  it('ends with the output of a run without crashes', { timeout: 180_000 }, async () => {
    let crashed = 0;
    let committed = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const made = world(seed);
      for (const [attempt, parallelism] of [1, 2, 3, 2].entries()) {
        const crash = {
          thread: (seed + attempt) % 2 === 0 ? 'main' : 'worker',
          batch: 8 + ((seed * 7 + attempt * 13) % 20),
          how: 'throw',
        } as const;
        // One thread: all lanes on the main one, as many as there will be with more.
        const last = attempt === 3;
        const running = await made.start(parallelism, last ? {} : { crash, paceMs: 3 });
        const outcome = await running.done.then(
          ({ state }) => state,
          () => 'failed',
        );
        if (outcome !== 'failed') break;
        crashed++;
        committed += running.status().checkpoints;
      }
      expect(made.output(), `seed ${seed}`).toEqual(expectedOutput(seed));
    }
    expect(crashed).toBeGreaterThan(SEEDS);
    expect(committed, 'checkpoints to go on from').toBeGreaterThan(SEEDS);
  });
});
