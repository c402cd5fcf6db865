import { describe, expect, it } from 'vitest';
import { advanceRegister } from '../../src/checkpoints/advance-register.js';
import type { CommitRecord, CommitRegister } from '../../src/ports/commit-register.js';
import { createMemoryCommitRegister } from '../../src/testing/memory-commit-register.js';
import { systemClock } from '../../src/time/system-clock.js';

const record = (attempt: string): CommitRecord => ({
  version: 1,
  job: 'job',
  task: 'main',
  epoch: 1,
  owner: 'me',
  attempt,
  positions: {},
  watermarks: {},
  snapshots: [],
  sinks: {},
  layout: '{}',
  finished: false,
  committedAtMs: 0,
});

/** Writes and then says that it has failed, once. */
function ambiguous(inner: CommitRegister): CommitRegister {
  let failed = false;
  return {
    read: () => inner.read(),
    async advance(next, expected) {
      const revision = await inner.advance(next, expected);
      if (failed) return revision;
      failed = true;
      throw new Error('the connection was lost');
    },
  };
}

describe('advanceRegister', () => {
  it('takes a commit as done that had succeeded when its answer was lost', async () => {
    const register = createMemoryCommitRegister();
    expect(await advanceRegister(ambiguous(register), record('first'), 0, systemClock)).toBe(1);
    expect((await register.read())?.record.attempt).toBe('first');
  });

  it('does not take the commit of another attempt of the same owner and epoch for its own', async () => {
    const register = createMemoryCommitRegister();
    await register.advance(record('first'), 0);
    const lost: CommitRegister = {
      read: () => register.read(),
      advance: () => Promise.reject(new Error('the connection was lost')),
    };
    await expect(advanceRegister(lost, record('second'), 0, systemClock)).rejects.toMatchObject({
      code: 'SABOT_STREAM_FENCED',
    });
  });
});
