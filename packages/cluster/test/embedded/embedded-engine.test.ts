import { appendFile, chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedEngine } from '../../src/embedded/open-embedded-engine.js';
import { readEngineFolder } from '../../src/inspect/read-engine-folder.js';
import { submitJob } from '../../src/job/submit-job.js';
import { commitRecordOf } from '../../src/testing/commit-record-of.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { buildChild, Child } from './child-process.js';

let root: string;
let script: string;
let directory: string;
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sabot-embedded-'));
  script = await buildChild(root);
  // Another user must be able to run it, see below.
  await chmod(root, 0o755);
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(() => {
  directory = join(root, `engine-${count++}`);
});

describe('embedded engine', () => {
  it('is refused while another process has it open, and can be read meanwhile', async () => {
    const child = new Child(script, ['hold', directory]);
    await child.line((line) => line === 'opened');
    await expect(openEmbeddedEngine({ directory })).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_ENGINE_LOCKED',
      what: `cannot open the engine in "${directory}"`,
      why: `process ${child.pid} is using it`,
    });
    expect(await readEngineFolder(directory)).toMatchObject({ openedBy: { pid: child.pid } });
    await child.kill();
  });

  it('keeps every acknowledged commit when its process is killed, again and again', async () => {
    for (let round = 1; round <= 6; round++) {
      const child = new Child(script, ['commit', directory]);
      await child.line((line) => line.startsWith('committed'));
      await new Promise((resolve) => setTimeout(resolve, 40 + 60 * Math.random()));
      await child.kill();
      const acknowledged = Number(child.lines.at(-1)?.split(' ')[1]);
      const engine = await openEmbeddedEngine({ directory });
      const held = await engine.register('job', 'main').read();
      // The one commit under way when it was killed may have been stored without its acknowledgement being heard.
      expect(held?.record.epoch).toBeGreaterThanOrEqual(acknowledged);
      expect(held?.record.epoch).toBeLessThanOrEqual(acknowledged + 1);
      await engine.close();
    }
  }, 60_000);

  it('cuts off a record torn by a crash and goes on from the last whole one', async () => {
    const first = await openEmbeddedEngine({ directory });
    const revision = await first.register('job', 'main').advance(commitRecordOf({ epoch: 1 }), 0);
    await first.close();
    const topic = join(directory, 'tables', 'registers');
    const segment = (await readdir(topic)).at(-1) as string;
    await appendFile(
      join(topic, segment),
      new Uint8Array([200, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
    );
    const again = await openEmbeddedEngine({ directory });
    expect((await again.register('job', 'main').read())?.revision).toBe(revision);
    await again.register('job', 'main').advance(commitRecordOf({ epoch: 2 }), revision);
    await again.close();
  });

  it('gives a task to a worker of the same name at once after the process before was killed', async () => {
    const child = new Child(script, ['work', directory]);
    await child.line((line) => line === 'task started');
    await child.kill();
    const engine = await openEmbeddedEngine({ directory });
    const beganMs = performance.now();
    const runningMs = await new Promise<number>((resolve) => {
      const running = async () => {
        resolve(performance.now() - beganMs);
        return { done: new Promise<never>(() => undefined), drain: async () => undefined };
      };
      const worker = createWorker({ engine, name: 'worker', jobs: { job: running } });
      void worker.start().then(() => submitJob(engine, 'job'));
    });
    // 200 ms is what it may take on an idle machine; the machine of the tests is not idle.
    expect(runningMs).toBeLessThan(1000);
    await engine.close();
  });

  it('refuses a folder that it may not write, by code, and leaves nothing in it', async () => {
    await mkdir(directory);
    await chmod(directory, 0o555);
    // The superuser may write everywhere: somebody else must try.
    const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const child = new Child(script, ['hold', directory], { stdio: ['ignore', 'pipe', 'ignore'], ...asNobody });
    expect(await child.line((line) => line.startsWith('failed'))).toContain('SABOT_CLUSTER_ENGINE_NOT_WRITABLE');
    await child.ended;
    expect(await readdir(directory)).toEqual([]);
  });

  it('refuses what is no engine or of a later version, by code', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'engine.json'), '{"format":"sabot-embedded-engine","version":99}');
    await expect(openEmbeddedEngine({ directory })).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_ENGINE_FOLDER_INVALID',
    });
    await expect(readEngineFolder(join(root, 'nothing'))).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_ENGINE_FOLDER_INVALID',
    });
    const file = join(root, 'a-file');
    await writeFile(file, 'x');
    await expect(openEmbeddedEngine({ directory: file })).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_ENGINE_NOT_WRITABLE',
    });
    expect((await readdir(directory)).sort()).toEqual(['engine.json']);
  });

  it('keeps its folder small however long its workers beat', async () => {
    const engine = await openEmbeddedEngine({ directory, compactAfterRecords: 500 });
    for (let i = 0; i < 300; i++) {
      await Promise.all(
        Array.from({ length: 40 }, (_, worker) => engine.coordination.put(`members/w${worker}`, 'x'.repeat(300))),
      );
    }
    await engine.close();
    expect(await sizeOf(join(directory, 'tables'))).toBeLessThan(3 * 1024 * 1024);
  }, 60_000);

  it('refuses use after closing, by code', async () => {
    const engine = await openEmbeddedEngine({ directory });
    await engine.close();
    await engine.close();
    await expect(engine.coordination.put('a', '1')).rejects.toMatchObject({ code: 'SABOT_CLUSTER_ENGINE_CLOSED' });
    await expect(engine.register('j', 't').advance(commitRecordOf(), 0)).rejects.toMatchObject({
      code: 'SABOT_CLUSTER_ENGINE_CLOSED',
    });
  });
});

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
