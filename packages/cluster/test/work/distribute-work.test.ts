import { describe, expect, it } from 'vitest';
import { clusterStatus } from '../../src/inspect/cluster-status.js';
import { distributeWork } from '../../src/work/distribute-work.js';
import { TestCluster } from '../simulation/test-cluster.js';

describe('one-off work', () => {
  it('is executed by a worker that knows its kind, and gives its result', async () => {
    const cluster = await TestCluster.create();
    await cluster.start('w1', { work: { other: () => 'wrong' } });
    await cluster.start('w2', { work: { double: (input) => ({ doubled: (input as { n: number }).n * 2 }) } });
    const work = await distributeWork(cluster.engine, { kind: 'double', input: { n: 21 } });
    const result = work.result();
    await cluster.run(2000);
    expect(await result).toEqual({ doubled: 42 });
    await work.forget();
    await expect(work.result()).rejects.toMatchObject({ code: 'SABOT_CLUSTER_WORK_UNKNOWN' });
  });

  it('waits until there is a worker with room', async () => {
    const cluster = await TestCluster.create();
    const work = await distributeWork(cluster.engine, { kind: 'k' });
    await cluster.run(3000);
    expect((await clusterStatus(cluster.engine)).work).toMatchObject([{ state: 'submitted' }]);
    await cluster.start('w1', { work: { k: () => 'late' }, capacity: 1 });
    await cluster.run(2000);
    expect(await work.result()).toBe('late');
  });

  it('is tried again after a failure, and has failed after the last try', async () => {
    const cluster = await TestCluster.create();
    const attempts: number[] = [];
    await cluster.start('w1', {
      work: {
        flaky: (_, { attempt }) => {
          attempts.push(attempt);
          throw new Error(`no luck at ${attempt}`);
        },
      },
    });
    const work = await distributeWork(cluster.engine, { kind: 'flaky', maxAttempts: 2 });
    const failure = work.result().catch((error: unknown) => error);
    await cluster.run(3000);
    expect(await failure).toMatchObject({
      code: 'SABOT_CLUSTER_WORK_FAILED',
      why: expect.stringContaining('no luck at 2'),
      cause: expect.objectContaining({ name: 'Error', message: 'no luck at 2' }),
    });
    expect(attempts).toEqual([1, 2]);
  });

  it('moves to another worker when its own dies, and the dead one’s late result is refused', async () => {
    const cluster = await TestCluster.create();
    const executions: string[] = [];
    const slow = (name: string) => (): Promise<string> => {
      executions.push(name);
      const durationMs = name === 'w1' ? 30_000 : 100;
      return new Promise((resolve) => void cluster.timeline.clockOf('work').schedule(durationMs, () => resolve(name)));
    };
    const first = await cluster.start('w1', { work: { slow: slow('w1') } });
    const work = await distributeWork(cluster.engine, { kind: 'slow' });
    await cluster.run(500);
    await cluster.start('w2', { work: { slow: slow('w2') } });
    // Stopped, not dead: it wakes up with a result that nobody wants any more.
    cluster.timeline.pause('w1', 20_000);
    await cluster.run(10_000);
    expect(await work.result()).toBe('w2');
    await cluster.run(40_000);
    expect(executions).toEqual(['w1', 'w2']);
    expect(first.status().stats).toMatchObject({ workDone: 0 });
    expect(await work.result()).toBe('w2');
  });

  it('is not done twice for a caller that repeats itself with the same id', async () => {
    const cluster = await TestCluster.create();
    let executions = 0;
    await cluster.start('w1', { work: { k: () => ++executions } });
    const first = await distributeWork(cluster.engine, { kind: 'k', id: 'order-1' });
    await cluster.run(2000);
    const second = await distributeWork(cluster.engine, { kind: 'k', id: 'order-1' });
    expect([await first.result(), await second.result()]).toEqual([1, 1]);
  });

  it('stops when it is cancelled', async () => {
    const cluster = await TestCluster.create();
    let signal: AbortSignal | undefined;
    await cluster.start('w1', {
      work: {
        endless: (_, context) => {
          signal = context.signal;
          return new Promise(() => undefined);
        },
      },
    });
    const work = await distributeWork(cluster.engine, { kind: 'endless' });
    await cluster.run(1000);
    expect(await work.cancel()).toBe(true);
    await cluster.run(1000);
    expect(signal?.aborted).toBe(true);
    await expect(work.result()).rejects.toMatchObject({ code: 'SABOT_CLUSTER_WORK_CANCELLED' });
    expect(await work.cancel()).toBe(false);
  });
});
