import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineSchema, int32 } from '@sabot/columnar';
import { createMemorySnapshotStore } from '@sabot/state';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csvSource, defineJob, Stream, startJob } from '../../src/index.js';
import { createMemoryCommitRegister, createSinkProbe } from '../../src/testing.js';

const schema = defineSchema({ n: int32() });

describe('a job started again over another input', () => {
  let folder: string;
  const checkpoint = () => ({
    register: createMemoryCommitRegister(),
    snapshots: createMemorySnapshotStore(),
    intervalMs: 60_000,
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-splits-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string) => {
    const path = join(folder, name);
    writeFileSync(path, `n\n${Array.from({ length: 100 }, (_, n) => `${n}\n`).join('')}`);
    return path;
  };

  const numbers = (path: string, onBatch: () => void = () => undefined) =>
    defineJob('numbers', [
      Stream.from(csvSource(path, { schema }), { name: 'in', batchRows: 10 })
        .tap(onBatch, { name: 'seen' })
        .to(createSinkProbe(), { name: 'out' }),
    ]);

  it('is refused when it stood in the middle of a split that is gone, naming both', async () => {
    const target = checkpoint();
    const [before, after] = [file('before.csv'), file('after.csv')];
    const batches = { seen: 0 };
    const first = await startJob(
      numbers(before, () => void (++batches.seen === 3 && first.drain({ deadlineMs: 5000 }))),
      {
        checkpoint: target,
      },
    );
    expect(await first.done).toMatchObject({ state: 'drained' });
    const failure = startJob(numbers(after), { checkpoint: target });
    await expect(failure).rejects.toMatchObject({ code: 'SABOT_STREAM_SPLIT_GONE', kind: 'usage' });
    await expect(failure).rejects.toThrow(`cannot go on with "${before}"`);
    await expect(failure).rejects.toThrow(`the source has "${after}"`);
    const resumed = await startJob(numbers(before), { checkpoint: target });
    expect(await resumed.done).toMatchObject({ state: 'finished' });
  });
});
