import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createWorker,
  distributeWork,
  type LocalEngine,
  openEmbeddedEngine,
  submitJob,
  type Worker,
  waitForJob,
} from '@sabot/cluster';
import { commitRecordOf } from '@sabot/cluster/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workbench } from '../run.js';

let bench: Workbench;
let engine: LocalEngine;
let worker: Worker;

beforeAll(async () => {
  bench = await Workbench.create();
  engine = await openEmbeddedEngine({ directory: join(bench.folder, '.sabot', 'engine') });
  worker = createWorker({
    engine,
    name: 'w1',
    jobs: {
      flights: async ({ job, owner, register, task }) => {
        await register.advance(
          commitRecordOf({ job, task, owner, epoch: 7, finished: true, committedAtMs: Date.now() }),
          0,
        );
        return { done: Promise.resolve({ state: 'finished' }), drain: async () => undefined };
      },
    },
    work: { double: (input) => Number(input) * 2 },
  });
  await worker.start();
  await submitJob(engine, 'flights');
  await submitJob(engine, 'unknown-here');
  await waitForJob(engine, 'flights');
  await (await distributeWork(engine, { kind: 'double', input: 21, id: 'work-1' })).result();
});
afterAll(async () => {
  await worker.drain();
  await engine.close();
  await bench.remove();
});

describe('sabot cluster status', () => {
  it('shows nodes, jobs, tasks and work while a process has the engine open', async () => {
    const { code, out } = await bench.run('cluster status');
    expect(code).toBe(0);
    expect(out).toContain(`open in process ${process.pid}`);
    expect(out).toMatch(/w1 \(leader\) +active +0 of 16/);
    expect(out).toMatch(/flights +finished +1 of 1 +LEAST_LOADED/);
    expect(out).toMatch(/flights\/main +finished +w1 +7 +(?:just now|\d+ s ago) +0/);
    expect(out).toMatch(/unknown-here\/main +waiting/);
    expect(out).toMatch(/work-1 +double +done +w1 +1/);
  });

  it('prints JSON that parses', async () => {
    const status = JSON.parse((await bench.run('cluster status --format json')).out) as unknown;
    expect(status).toMatchObject({
      openedBy: { pid: process.pid },
      leader: 'w1',
      nodes: [{ worker: 'w1', state: 'active', leader: true }],
      tasks: [
        { job: 'flights', state: 'finished', committed: { epoch: 7, finished: true } },
        { job: 'unknown-here', state: 'waiting' },
      ],
    });
  });

  it('changes nothing in the folder', async () => {
    const files = async () => (await readdir(join(bench.folder, '.sabot'), { recursive: true })).sort();
    const before = await files();
    await bench.run('cluster status');
    expect(await files()).toEqual(before);
  });

  it('fails with exit code 1 where there is no engine, and creates none', async () => {
    const { code, err, out } = await bench.run('cluster status --engine-dir nowhere');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('there is no such folder');
    await mkdir(join(bench.folder, 'empty'));
    expect((await bench.run('cluster status --engine-dir empty')).err).toContain('the folder holds none');
    expect(await readdir(join(bench.folder, 'empty'))).toEqual([]);
  });
});

describe('sabot checkpoints', () => {
  it('shows the last commit of every task', async () => {
    const { code, out } = await bench.run('checkpoints');
    expect(code).toBe(0);
    expect(out).toMatch(/flights\/main +7 +(?:just now|\d+ s ago) +w1:[0-9a-f]+ +finished/);
    expect(out).toMatch(/unknown-here\/main +never/);
    expect(JSON.parse((await bench.run('checkpoints --format json')).out)).toMatchObject({
      tasks: [{ commit: { epoch: 7 } }, { commit: null }],
    });
  });
});
