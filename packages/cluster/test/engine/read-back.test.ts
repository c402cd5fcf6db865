import type { CommitRegister } from '@sabot/stream';
import type { CommitRecord } from '@sabot/stream/ports';
import { describe, expect, it } from 'vitest';
import { withReadBack } from '../../src/engine/read-back.js';
import { createMemoryEngine } from '../../src/memory/memory-engine.js';
import { commitRecordOf } from '../../src/testing/commit-record-of.js';

describe('register with read-back', () => {
  it('takes a commit whose reply was lost as committed, without committing twice', async () => {
    const { register, surely } = await flaky(['store-and-fail']);
    const revision = await surely.advance(commitRecordOf({ epoch: 1 }), 0);
    expect(await register.read()).toEqual({ record: commitRecordOf({ epoch: 1 }), revision });
  });

  it('sends a commit again that never arrived', async () => {
    const { register, surely } = await flaky(['fail', 'fail']);
    const revision = await surely.advance(commitRecordOf({ epoch: 1 }), 0);
    expect((await register.read())?.revision).toBe(revision);
  });

  it('is fenced when another owner has committed meanwhile', async () => {
    const { register, surely } = await flaky(['fail']);
    const first = await register.advance(commitRecordOf({ epoch: 1, owner: 'other' }), 0);
    await expect(surely.advance(commitRecordOf({ epoch: 1, owner: 'mine' }), 0)).rejects.toThrow();
    await expect(surely.advance(commitRecordOf({ epoch: 1, owner: 'mine' }), 0)).rejects.toMatchObject({
      code: 'SABOT_STREAM_FENCED',
    });
    expect((await register.read())?.revision).toBe(first);
  });

  it('finds its first try committed when only the second was refused', async () => {
    const { register, surely } = await flaky(['fail-and-store-later']);
    const revision = await surely.advance(commitRecordOf({ epoch: 1 }), 0);
    expect((await register.read())?.revision).toBe(revision);
  });

  it('gives up with the last failure when the engine stays away', async () => {
    const { surely } = await flaky(Array.from({ length: 10 }, () => 'fail' as const));
    await expect(surely.advance(commitRecordOf(), 0)).rejects.toThrow('away');
  });
});

type Behaviour = 'fail' | 'store-and-fail' | 'fail-and-store-later';

async function flaky(behaviours: readonly Behaviour[]) {
  const register = (await createMemoryEngine()).register('job', 'main');
  let calls = 0;
  let late: (() => Promise<unknown>) | undefined;
  const unreliable: CommitRegister = {
    read: () => register.read(),
    async advance(record: CommitRecord, expected: number) {
      // Arrives between the caller's read and its second try.
      await late?.();
      late = undefined;
      const behaviour = behaviours[calls++];
      if (behaviour === 'store-and-fail') await register.advance(record, expected);
      if (behaviour === 'fail-and-store-later') late = () => register.advance(record, expected);
      if (behaviour !== undefined) throw new Error('the engine is away');
      return register.advance(record, expected);
    },
  };
  return { register, surely: withReadBack(unreliable, { backoffMs: 1 }) };
}
