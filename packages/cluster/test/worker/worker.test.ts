import { isSabotError, SabotError } from '@sabot/core-observability/errors';
import { describe, expect, it } from 'vitest';
import { clusterStatus } from '../../src/inspect/cluster-status.js';
import { cancelJob, submitJob, waitForJob } from '../../src/job/submit-job.js';
import { createMemoryEngine } from '../../src/memory/memory-engine.js';
import { createWorker } from '../../src/worker/create-worker.js';
import type { WorkerEvent } from '../../src/worker/worker-events.js';
import { openTask, TestCluster } from '../simulation/test-cluster.js';

describe('worker', () => {
  it('keeps the code and the causes of what a task failed of', async () => {
    const cluster = await TestCluster.create();
    const torn = new TypeError('invalid page');
    const decoding = new SabotError('SABOT_PARQUET_CORRUPT', 'usage', {
      what: 'cannot decode row group 3 of "flights.parquet"',
      why: 'invalid page',
      remedy: 'Copy the file again.',
      cause: torn,
    });
    await cluster.start('w1', { jobs: { flights: () => Promise.reject(decoding) } });
    await submitJob(cluster.engine, 'flights');
    const failure = waitForJob(cluster.engine, 'flights').catch((error: unknown) => error);
    await cluster.run(5000);
    const { what, why, remedy } = decoding;
    expect(await failure).toMatchObject({
      code: 'SABOT_CLUSTER_JOB_FAILED',
      why: `${what}: ${why} [SABOT_PARQUET_CORRUPT]`,
      cause: { code: 'SABOT_PARQUET_CORRUPT', kind: 'usage', what, why, remedy, message: decoding.message },
    });
    const { cause } = (await failure) as { readonly cause: Error };
    expect(isSabotError(cause)).toBe(true);
    expect(cause.cause).toMatchObject({ name: 'TypeError', message: 'invalid page' });
  });

  it('takes a submitted job, runs its task once, and the job is finished', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    await cluster.start('w1', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights');
    await cluster.run(1000);
    expect(task.started.map(({ job, task: name, attempt }) => [job, name, attempt])).toEqual([['flights', 'main', 1]]);
    expect((await clusterStatus(cluster.engine)).tasks).toMatchObject([{ state: 'running', worker: 'w1' }]);
    task.finish();
    await cluster.run(1000);
    expect(await waitForJob(cluster.engine, 'flights')).toEqual({ job: 'flights', state: 'finished' });
    await cluster.run(5000);
    expect(task.started).toHaveLength(1);
  });

  it('gives the tasks of a killed worker to another after the session timeout', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    await cluster.start('w1', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights');
    await cluster.run(1000);
    const second = await cluster.start('w2', { jobs: { flights: task.runner } });
    const events: WorkerEvent[] = [];
    second.listen((event) => events.push(event));
    cluster.kill('w1');
    await cluster.run(5500);
    expect(task.started).toHaveLength(1);
    await cluster.run(2500);
    expect(task.started.map(({ owner }) => owner.split(':')[0])).toEqual(['w1', 'w2']);
    expect(events.filter(({ kind }) => kind !== 'heartbeat').map(({ kind }) => kind)).toEqual([
      'session-expired',
      'elected',
      'assigned',
      'task-started',
    ]);
    expect(events.find(({ kind }) => kind === 'task-started')).toMatchObject({ cause: 'failover' });
  });

  it('hands its tasks over when it is drained, without waiting for a timeout', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    const first = await cluster.start('w1', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights');
    await cluster.run(1000);
    await cluster.start('w2', { jobs: { flights: task.runner } });
    await cluster.run(100);
    const drained = first.drain();
    await cluster.run(500);
    expect(await drained).toEqual({ released: ['flights/main'], abandoned: [] });
    await cluster.run(1500);
    expect(task.started.map(({ owner }) => owner.split(':')[0])).toEqual(['w1', 'w2']);
    expect((await clusterStatus(cluster.engine)).nodes.map(({ worker }) => worker)).toEqual(['w2']);
  });

  it('goes on with a job that was drained when a worker comes back', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    const first = await cluster.start('w1', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights');
    await cluster.run(1000);
    const drained = first.drain();
    await cluster.run(1000);
    await drained;
    expect(await submitJob(cluster.engine, 'flights')).toEqual({
      job: 'flights',
      submitted: false,
      state: 'submitted',
    });
    await cluster.start('w1-again', { jobs: { flights: task.runner } });
    await cluster.run(1000);
    expect(task.started).toHaveLength(2);
  });

  it('abandons a task that does not end within the deadline, and says so', async () => {
    const cluster = await TestCluster.create();
    const task = openTask({ ignoresDrain: true });
    const worker = await cluster.start('w1', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights');
    await cluster.run(1000);
    const drained = worker.drain({ deadlineMs: 2000 });
    await cluster.run(2500);
    expect(await drained).toEqual({ released: [], abandoned: ['flights/main'] });
    expect(task.started[0]?.signal.aborted).toBe(true);
  });

  it('tries a failed task again with growing pauses, then the job has failed for the reason of the last', async () => {
    const cluster = await TestCluster.create();
    const startsMs: number[] = [];
    await cluster.start('w1', {
      jobs: {
        flights: async () => {
          startsMs.push(cluster.timeline.nowMs);
          throw new Error('disk on fire');
        },
      },
    });
    await submitJob(cluster.engine, 'flights', { maxAttempts: 3 });
    const failure = waitForJob(cluster.engine, 'flights').catch((error: unknown) => error);
    await cluster.run(20_000);
    expect(await failure).toMatchObject({
      code: 'SABOT_CLUSTER_JOB_FAILED',
      why: expect.stringContaining('disk on fire'),
    });
    expect(startsMs).toHaveLength(3);
    const [a, b, c] = startsMs as [number, number, number];
    expect(b - a).toBeGreaterThanOrEqual(1000);
    expect(c - b).toBeGreaterThanOrEqual(2000);
  });

  it('does not try a usage error again', async () => {
    const { clusterErrors } = await import('../../src/errors.js');
    const cluster = await TestCluster.create();
    let starts = 0;
    await cluster.start('w1', {
      jobs: {
        flights: async () => {
          starts++;
          throw clusterErrors.error('OPTIONS_INVALID', {
            what: 'cannot read "x"',
            why: 'no such file',
            remedy: 'Check the path.',
          });
        },
      },
    });
    await submitJob(cluster.engine, 'flights');
    const failure = waitForJob(cluster.engine, 'flights').catch((error: unknown) => error);
    await cluster.run(10_000);
    expect(await failure).toMatchObject({
      why: 'cannot read "x": no such file [SABOT_CLUSTER_OPTIONS_INVALID]',
      remedy: 'Check the path.',
    });
    expect(starts).toBe(1);
    expect(await submitJob(cluster.engine, 'flights')).toMatchObject({ submitted: true });
    await cluster.run(5000);
    expect(starts).toBe(2);
  });

  it('stops the tasks of a cancelled job after their commit', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    await cluster.start('w1', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights');
    await cluster.run(1000);
    await cancelJob(cluster.engine, 'flights');
    await cluster.run(1000);
    expect(task.drained).toBe(1);
    expect(await waitForJob(cluster.engine, 'flights')).toEqual({ job: 'flights', state: 'cancelled' });
  });

  it('refuses the name of a live worker and takes over the name of a dead one', async () => {
    const cluster = await TestCluster.create();
    await cluster.start('w1', {});
    const rival = createWorker({ engine: cluster.engine, name: 'w1', clock: cluster.timeline.clockOf('rival') });
    const refused = rival.start().catch((error: unknown) => error);
    await cluster.run(3000);
    expect(await refused).toMatchObject({ code: 'SABOT_CLUSTER_WORKER_NAME_TAKEN' });
    cluster.kill('w1');
    const heir = createWorker({ engine: cluster.engine, name: 'w1', clock: cluster.timeline.clockOf('heir') });
    const started = heir.start();
    await cluster.run(8000);
    await started;
    expect(heir.status().state).toBe('active');
  });

  it('moves tasks to a worker that joined, a few at a time and not before the debounce', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    await cluster.start('w1', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights', { tasks: ['0', '1', '2', '3', '4', '5'] });
    await cluster.run(4000);
    await cluster.start('w2', { jobs: { flights: task.runner } });
    await cluster.run(2500);
    expect(await tasksOf(cluster)).toEqual({ w1: 6, w2: 0 });
    await cluster.run(10_000);
    expect(await tasksOf(cluster)).toEqual({ w1: 3, w2: 3 });
  });

  it('leaves tasks waiting that no worker has room for, and takes them when there is room', async () => {
    const cluster = await TestCluster.create();
    const task = openTask();
    await cluster.start('w1', { jobs: { flights: task.runner }, capacity: 2 });
    await submitJob(cluster.engine, 'flights', { tasks: ['0', '1', '2'] });
    await cluster.run(2000);
    expect((await clusterStatus(cluster.engine)).tasks.map(({ state }) => state)).toEqual([
      'running',
      'running',
      'waiting',
    ]);
    await cluster.start('w2', { jobs: { flights: task.runner } });
    await cluster.run(1000);
    expect((await clusterStatus(cluster.engine)).tasks.map(({ state }) => state)).toEqual([
      'running',
      'running',
      'running',
    ]);
  });

  it('ends when its engine is closed', async () => {
    const engine = await createMemoryEngine();
    const cluster = await TestCluster.create();
    const worker = createWorker({ engine, name: 'w', clock: cluster.timeline.clockOf('w') });
    await worker.start();
    await engine.close();
    await cluster.run(3000);
    expect(worker.status().state).toBe('ended');
  });
});

async function tasksOf(cluster: TestCluster): Promise<Record<string, number>> {
  return Object.fromEntries((await clusterStatus(cluster.engine)).nodes.map(({ worker, tasks }) => [worker, tasks]));
}
