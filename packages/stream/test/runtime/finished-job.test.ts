import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf, defineSchema, int32 } from '@sabot/columnar';
import { createMemorySnapshotStore } from '@sabot/state';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { arrowFileSink, defineJob, memorySource, Stream, startJob } from '../../src/index.js';
import { createMemoryCommitRegister } from '../../src/testing.js';

describe('a job that has finished, started again', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-finished-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('ends its files when the process died between the last commit and their end', async () => {
    const { file, start } = await finishedJob();
    const whole = readFileSync(file);
    // Arrow's end-of-stream mark: a continuation and a length of zero.
    truncateSync(file, whole.length - 8);
    expect((await start()).state).toBe('finished');
    expect(readFileSync(file)).toEqual(whole);
    expect((await start()).state).toBe('finished');
    expect(readFileSync(file)).toEqual(whole);
  });

  it('says so when a file that it had written is gone', async () => {
    const { file, start } = await finishedJob();
    rmSync(file);
    await expect(start()).rejects.toMatchObject({ code: 'SABOT_STREAM_SINK_STATE_MISSING' });
  });

  async function finishedJob() {
    const schema = defineSchema({ n: int32() });
    const file = join(folder, 'out.arrow');
    const source = memorySource(schema, [batchOf(schema, { n: [1, 2, 3] })]);
    const job = defineJob('short', [Stream.from(source, { name: 'in' }).to(arrowFileSink(file), { name: 'out' })]);
    const checkpoint = {
      register: createMemoryCommitRegister(),
      snapshots: createMemorySnapshotStore(),
      intervalMs: 1000,
    };
    const start = async () => await (await startJob(job, { checkpoint })).done;
    expect((await start()).state).toBe('finished');
    return { file, start };
  }
});
