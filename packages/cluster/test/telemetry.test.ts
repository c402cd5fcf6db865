import { createTestObservability } from '@sabot/core-observability/testing';
import { describe, expect, it } from 'vitest';
import { submitJob } from '../src/job/submit-job.js';
import { createMemoryEngine } from '../src/memory/memory-engine.js';
import {
  clusterTelemetry,
  instrumentDistribution,
  instrumentEngine,
  instrumentExecutors,
  instrumentWorker,
} from '../src/telemetry.js';
import { commitRecordOf } from '../src/testing/commit-record-of.js';
import { openTask, TestCluster } from './simulation/test-cluster.js';

describe('telemetry of a cluster', () => {
  it('publishes a worker’s facts and forgets them when it has drained', async () => {
    const observability = createTestObservability();
    const cluster = await TestCluster.create();
    const task = openTask();
    const worker = instrumentWorker(await cluster.start('w1', { jobs: { flights: task.runner } }), observability);
    await cluster.start('w2', {});
    await submitJob(cluster.engine, 'flights');
    await cluster.run(2500);
    expect(observability.value('sabot.cluster.nodes.active', { worker: 'w1' })).toBe(2);
    expect(observability.value('sabot.cluster.tasks.owned', { worker: 'w1' })).toBe(1);
    expect(observability.value('sabot.cluster.generation', { worker: 'w1' })).toBe(1);
    expect(observability.value('sabot.cluster.leading', { worker: 'w1' })).toBe(1);
    const drained = worker.drain();
    await cluster.run(1000);
    await drained;
    expect(observability.value('sabot.cluster.tasks.ended', { job: 'flights', ending: 'released' })).toBe(1);
  });

  it('measures commits by outcome', async () => {
    const observability = createTestObservability();
    const engine = instrumentEngine(await createMemoryEngine(), observability);
    const register = engine.register('job', 'main');
    await register.advance(commitRecordOf(), 0);
    await expect(register.advance(commitRecordOf(), 0)).rejects.toMatchObject({ code: 'SABOT_STREAM_FENCED' });
    await engine.close();
    await expect(register.advance(commitRecordOf(), 1)).rejects.toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_CLOSED' });
    const counts = observability
      .points('sabot.cluster.commit.duration')
      .flatMap((point) => (point.type === 'histogram' ? [[point.attributes['outcome'], point.count]] : []));
    expect(Object.fromEntries(counts)).toEqual({ committed: 1, fenced: 1, failed: 1 });
  });

  it('joins the spans of a failover on two nodes into one trace, without the nodes talking', async () => {
    const first = createTestObservability();
    const second = createTestObservability();
    const cluster = await TestCluster.create();
    const task = openTask();
    // The leader decides, another worker takes over: each has an observability of its own, as two processes have.
    const leader = instrumentWorker(await cluster.start('w1', { jobs: {} }), first);
    await cluster.run(500);
    await cluster.start('w2', { jobs: { flights: task.runner } });
    await submitJob(cluster.engine, 'flights');
    await cluster.run(1000);
    instrumentWorker(await cluster.start('w3', { jobs: { flights: task.runner } }), second);
    cluster.kill('w2');
    await cluster.run(9000);
    expect(leader.status().leader).toBe(true);
    const [decided] = first.spans('failover');
    const [taken] = second.spans('failover');
    expect(decided?.attributes).toMatchObject({ job: 'flights', worker: 'w1', tasks: 1 });
    expect(taken?.attributes).toMatchObject({ job: 'flights', task: 'main', worker: 'w3' });
    expect(taken?.traceId).toBe(decided?.traceId);
    const expired = [first, second].map((one) => one.value('sabot.cluster.sessions.expired') ?? 0);
    expect(expired.reduce((sum, count) => sum + count)).toBe(1);
    const phases = [
      ...first.points('sabot.cluster.failover.duration'),
      ...second.points('sabot.cluster.failover.duration'),
    ];
    expect(new Set(phases.map(({ attributes }) => attributes['phase']))).toEqual(
      new Set(['detect', 'claim', 'restore']),
    );
  });

  it('traces a rebalance', async () => {
    const observability = createTestObservability();
    const cluster = await TestCluster.create();
    const task = openTask();
    instrumentWorker(await cluster.start('w1', { jobs: { flights: task.runner } }), observability);
    await submitJob(cluster.engine, 'flights', { tasks: ['0', '1', '2', '3'] });
    await cluster.run(1000);
    instrumentWorker(await cluster.start('w2', { jobs: { flights: task.runner } }), observability);
    await cluster.run(10_000);
    const spans = observability.spans('rebalance');
    expect(spans.filter(({ attributes }) => attributes['tasks'] !== undefined)).not.toHaveLength(0);
    const taken = spans.filter(({ attributes }) => attributes['task'] !== undefined);
    expect(taken).toHaveLength(2);
    for (const { attributes, traceId } of taken) {
      const decision = spans.find(
        (span) => span.attributes['tasks'] !== undefined && span.attributes['generation'] === attributes['generation'],
      );
      expect(traceId).toBe(decision?.traceId);
    }
  });

  it('puts handing in work and each try of it into one trace, failures recorded', async () => {
    const observability = createTestObservability();
    const cluster = await TestCluster.create();
    const work = instrumentExecutors(
      {
        flaky: (_, { attempt }) => {
          if (attempt === 1) throw new Error('no luck');
          return 'done';
        },
      },
      observability,
    );
    instrumentWorker(await cluster.start('w1', { work }), observability);
    const handle = await instrumentDistribution(observability)(cluster.engine, { kind: 'flaky' });
    await cluster.run(3000);
    expect(await handle.result()).toBe('done');
    const spans = observability.spans('distribute_work');
    expect(spans.map(({ attributes, status }) => [attributes['attempt'], status.code])).toEqual([
      [undefined, 'unset'],
      [1, 'error'],
      [2, 'unset'],
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(observability.value('sabot.cluster.work.completed', { kind: 'flaky', result: 'failed' })).toBe(1);
    expect(observability.value('sabot.cluster.work.completed', { kind: 'flaky', result: 'done' })).toBe(1);
  });

  it('emits every metric that it declares', async () => {
    const observability = createTestObservability();
    const cluster = await TestCluster.create();
    const committing = instrumentEngine(cluster.engine, observability);
    await committing.register('flights', 'main').advance(commitRecordOf(), 0);
    const task = openTask();
    const start = async (name: string) =>
      instrumentWorker(
        await cluster.start(name, { jobs: { flights: task.runner }, work: { k: () => 1 } }),
        observability,
      );
    await start('w1');
    await submitJob(cluster.engine, 'flights', { tasks: ['0', '1', '2', '3'] });
    await instrumentDistribution(observability)(cluster.engine, { kind: 'k' });
    await cluster.run(1000);
    await start('w2');
    await cluster.run(8000);
    cluster.kill('w1');
    await cluster.run(9000);
    task.finish();
    await cluster.run(1000);
    const silent = Object.values(clusterTelemetry.metrics).filter(
      ({ name }) => observability.points(name).length === 0,
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
