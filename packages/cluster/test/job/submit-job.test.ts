import { describe, expect, it } from 'vitest';
import { cancelJob, removeJob, submitJob, waitForJob } from '../../src/job/submit-job.js';
import { createMemoryEngine } from '../../src/memory/memory-engine.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { openTask, TestCluster } from '../simulation/test-cluster.js';

describe('submitting a job', () => {
  it('twice changes nothing, and says so', async () => {
    const engine = await createMemoryEngine();
    expect(await submitJob(engine, 'j')).toEqual({ job: 'j', submitted: true, state: 'submitted' });
    expect(await submitJob(engine, 'j')).toEqual({ job: 'j', submitted: false, state: 'submitted' });
    const both = await Promise.all([submitJob(engine, 'k'), submitJob(engine, 'k')]);
    expect(both.map(({ submitted }) => submitted).sort()).toEqual([false, true]);
  });

  it('refuses the name of a job with other tasks', async () => {
    const engine = await createMemoryEngine();
    await submitJob(engine, 'j', { tasks: ['a', 'b'] });
    await expect(submitJob(engine, 'j', { tasks: ['a'] })).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_JOB_EXISTS',
      why: 'a job of this name has the tasks a, b; asked for are a',
    });
    expect(await submitJob(engine, 'j', { tasks: ['b', 'a'] })).toMatchObject({ submitted: false });
  });

  it('refuses names and options that cannot be used, by code', async () => {
    const engine = await createMemoryEngine();
    await expect(submitJob(engine, 'a b')).rejects.toMatchObject({ code: 'SABOT_CLUSTER_KEY_INVALID' });
    await expect(submitJob(engine, 'j', { tasks: [] })).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_OPTIONS_INVALID',
    });
    await expect(submitJob(engine, 'j', { tasks: ['x', 'x'] })).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_OPTIONS_INVALID',
    });
    await expect(submitJob(engine, 'j', { maxAttempts: 0 })).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_OPTIONS_INVALID',
    });
  });

  it('starts a cancelled job again', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    await cluster.start('w1', { jobs: { j: task.runner } });
    await submitJob(cluster.engine, 'j');
    await cluster.run(500);
    await cancelJob(cluster.engine, 'j');
    await cluster.run(500);
    expect(await submitJob(cluster.engine, 'j')).toMatchObject({ submitted: true });
    await cluster.run(500);
    expect(task.started).toHaveLength(2);
  });
});

describe('waiting for a job', () => {
  it('rejects for one that is not known, was removed, or when the caller gives up', async () => {
    const engine = await createMemoryEngine();
    await expect(waitForJob(engine, 'j')).rejects.toMatchObject({ code: 'SABOT_CLUSTER_JOB_UNKNOWN' });
    await submitJob(engine, 'j');
    const removed = waitForJob(engine, 'j');
    const aborted = waitForJob(engine, 'j', { signal: AbortSignal.timeout(5) });
    await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' });
    await removeJob(engine, 'j');
    await expect(removed).rejects.toMatchObject({ code: 'SABOT_CLUSTER_JOB_CANCELLED' });
    await submitJob(engine, 'j');
    const closed = waitForJob(engine, 'j');
    await Promise.resolve();
    const outcome = expect(closed).rejects.toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_CLOSED' });
    await new Promise((resolve) => setImmediate(resolve));
    await engine.close();
    await outcome;
  });
});

describe('creating a worker', () => {
  it('refuses options that cannot be used, by code', async () => {
    const engine = await createMemoryEngine();
    const code = (options: object): unknown => {
      try {
        createWorker({ engine, ...options });
        return undefined;
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    };
    expect(code({ capacity: 0 })).toBe('SABOT_CLUSTER_OPTIONS_INVALID');
    expect(code({ capacity: 1.5 })).toBe('SABOT_CLUSTER_OPTIONS_INVALID');
    expect(code({ name: 'a/b' })).toBe('SABOT_CLUSTER_KEY_INVALID');
    expect(code({ timing: { sessionTimeoutMs: 2000 } })).toBe('SABOT_CLUSTER_OPTIONS_INVALID');
    expect(code({ timing: { heartbeatMs: Number.NaN } })).toBe('SABOT_CLUSTER_OPTIONS_INVALID');
    expect(code({ timing: { freezeAfterMs: 6000 } })).toBe('SABOT_CLUSTER_OPTIONS_INVALID');
    expect(code({ timing: { heartbeatMs: 500, sessionTimeoutMs: 3000 } })).toBeUndefined();
  });

  it('refuses to be started twice', async () => {
    const worker = createWorker({ engine: await createMemoryEngine() });
    await worker.start();
    await expect(worker.start()).rejects.toMatchObject({ code: 'SABOT_CLUSTER_WORKER_STATE' });
    expect(await worker.drain()).toEqual({ released: [], abandoned: [] });
    expect(worker.status().state).toBe('ended');
  });
});
