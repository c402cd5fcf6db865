import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf, defineSchema, int32 } from '@sabot/columnar';
import { defineJob, iterableSource, ndjsonFileSink, Stream } from '@sabot/stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedEngine } from '../../src/embedded/open-embedded-engine.js';
import { clusterStatus } from '../../src/inspect/cluster-status.js';
import { runStreamJob } from '../../src/job/run-stream-job.js';
import { submitJob, waitForJob } from '../../src/job/submit-job.js';
import { createWorker } from '../../src/worker/create-worker.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-job-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a stream job as a worker’s task', () => {
  it('goes on after a drain and a new engine where it was, and writes every row once', async () => {
    const first = await openCluster();
    await submitJob(first.engine, 'numbers');
    await first.committed;
    expect(await first.worker.drain()).toEqual({ released: ['numbers/main'], abandoned: [] });
    const [drained] = (await clusterStatus(first.engine)).tasks;
    expect(drained).toMatchObject({ state: 'released', committed: { finished: false } });
    await first.engine.close();

    const second = await openCluster();
    expect(await submitJob(second.engine, 'numbers')).toMatchObject({ submitted: false, state: 'submitted' });
    expect(await waitForJob(second.engine, 'numbers')).toEqual({ job: 'numbers', state: 'finished' });
    await second.worker.drain();
    expect(await submitJob(second.engine, 'numbers')).toMatchObject({ submitted: false, state: 'finished' });
    expect((await clusterStatus(second.engine)).tasks).toMatchObject([
      { state: 'finished', committed: { finished: true } },
    ]);
    await second.engine.close();
    expect(await written()).toEqual(Array.from({ length: BATCHES * 10 }, (_, n) => n));
  });

  it('fails the job for the reason that the stream failed of', async () => {
    const { engine, worker } = await openCluster(() => {
      throw new RangeError('row 7 makes no sense');
    });
    await submitJob(engine, 'numbers', { maxAttempts: 1 });
    await expect(waitForJob(engine, 'numbers')).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_JOB_FAILED',
      why: expect.stringContaining('row 7 makes no sense'),
    });
    await worker.drain();
    await engine.close();
  });
});

const BATCHES = 60;
const schema = defineSchema({ n: int32() });

async function openCluster(onBatch: () => void = () => undefined) {
  const engine = await openEmbeddedEngine({ directory: join(folder, 'engine') });
  let commits = 0;
  let enough: () => void = () => undefined;
  const committed = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const make = () => {
    const source = iterableSource(schema, () => slowly(onBatch));
    return defineJob('numbers', [Stream.from(source, { name: 'numbers' }).to(ndjsonFileSink(output()))]);
  };
  const runner = runStreamJob(make, {
    intervalMs: 20,
    // Three checkpoints are in before the test goes on.
    decorators: [
      {
        register: (register) => ({
          ...register,
          advance: async (record, expected) => {
            const revision = await register.advance(record, expected);
            if (++commits === 3) enough();
            return revision;
          },
        }),
      },
    ],
  });
  const worker = createWorker({ engine, name: 'worker', jobs: { numbers: runner } });
  await worker.start();
  return { engine, worker, committed };
}

async function* slowly(onBatch: () => void) {
  for (let batch = 0; batch < BATCHES; batch++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    onBatch();
    yield batchOf(schema, { n: Array.from({ length: 10 }, (_, i) => batch * 10 + i) });
  }
}

function output(): string {
  return join(folder, 'numbers.ndjson');
}

async function written(): Promise<readonly number[]> {
  const lines = (await readFile(output(), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { readonly n: number }).n);
}
