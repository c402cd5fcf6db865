import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startAgent } from '../../src/testing.js';
import { type CountingRow, countedNaively, countingAgent, fourKeys } from '../counting-agent.js';
import { storeFailingAtWrite } from '../failing-store.js';
import { jumpingClock } from '../virtual-clock.js';

const row = (key: string, amount: number) => ({ key, amount });
const someRow = fc.record({ key: fc.constantFrom('a', 'b', 'c'), amount: fc.integer({ min: -9, max: 9 }) });

/** Throws at the n-th call, the m-th, …: failures that pass. */
function failingAt(calls: readonly number[]) {
  let call = 0;
  return () => {
    if (calls.includes(call++)) throw new Error('passing trouble');
  };
}

describe('an agent whose handler fails', () => {
  it('counts every row once, however often and wherever its batches failed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(someRow, { minLength: 1, maxLength: 8 }), { maxLength: 5 }),
        fc.uniqueArray(fc.nat(40), { maxLength: 8 }),
        fc.boolean(),
        async (batches, failures, waits) => {
          const fail = failingAt(failures);
          const before = waits ? async () => fail() : fail;
          const supervision = { maxRestarts: 100 };
          await using agent = await startAgent(countingAgent({ before, supervision }), { clock: jumpingClock() });
          const emitted: unknown[] = [];
          for (const batch of batches) emitted.push(...(await agent.feed(batch)));
          expect(emitted).toEqual(countedNaively(batches.flat()));
          expect(agent.stats.restarts).toBe(agent.stats.tasksFailed);
          expect(agent.stats.tasksCompleted).toBe(batches.length);
        },
      ),
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('leaves nothing behind when write %i at the end of its batch fails', async (n) => {
    const agent = await startAgent(countingAgent(), { clock: jumpingClock(), store: storeFailingAtWrite(n) });
    expect(await agent.feed(fourKeys)).toEqual(countedNaively(fourKeys));
    expect(agent.stats).toMatchObject({ restarts: 1, tasksFailed: 1, tasksCompleted: 1 });
  });

  it.each(['skip', 'dead-letter'] as const)('sets aside exactly the rows that fail under %s', async (onFailure) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(someRow, { minLength: 1, maxLength: 8 }), { maxLength: 5 }),
        fc.boolean(),
        async (batches, waits) => {
          const isBad = ({ amount }: CountingRow) => amount < -5;
          // Fails after the state has been changed and a row emitted: both must go.
          const after = (own: CountingRow) => {
            if (isBad(own)) throw new Error(`bad ${own.amount}`);
          };
          const before = waits
            ? async (own: CountingRow) => {
                after(own);
              }
            : () => undefined;
          await using agent = await startAgent(countingAgent({ before, after, onFailure }));
          const emitted: unknown[] = [];
          for (const batch of batches) emitted.push(...(await agent.feed(batch)));
          const all = batches.flat();
          expect(emitted).toEqual(countedNaively(all.filter((own) => !isBad(own))));
          const bad = all.filter(isBad);
          const { skippedRows, deadLetterRows, restarts } = agent.stats;
          expect({ skippedRows, deadLetterRows, restarts }).toEqual({
            skippedRows: onFailure === 'skip' ? bad.length : 0,
            deadLetterRows: onFailure === 'skip' ? 0 : bad.length,
            restarts: 0,
          });
          expect(agent.takeDeadLetters().map(({ key, amount }) => ({ key, amount }))).toEqual(
            onFailure === 'skip' ? [] : bad,
          );
        },
      ),
    );
  });

  it('writes who, why, when and in which trace beside a dead letter', async () => {
    const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
    const before = () => {
      throw new TypeError('no such thing');
    };
    const agent = await startAgent(countingAgent({ before, onFailure: 'dead-letter' }), {
      clock: jumpingClock(5_000),
      trace,
    });
    await agent.feed([row('a', 1)]);
    expect(agent.takeDeadLetters()).toEqual([
      {
        key: 'a',
        amount: 1,
        _agent: 'counter',
        _error_code: 'SABOT_AGENTS_TASK_FAILED',
        _error_message: 'TypeError: no such thing',
        _trace_id: trace.traceId,
        _failed_at: 5_000,
      },
    ]);
    expect(agent.stats).toMatchObject({ tasksPartial: 1, tasksCompleted: 0, lastFailure: 'SABOT_AGENTS_TASK_FAILED' });
  });

  it('fails the job with the cause when the restarts are used up', async () => {
    const before = () => {
      throw new Error('for ever');
    };
    const clock = jumpingClock();
    const agent = await startAgent(countingAgent({ before, supervision: { maxRestarts: 2 } }), { clock });
    await expect(agent.feed([row('a', 1)])).rejects.toMatchObject({
      code: 'SABOT_AGENTS_RESTART_LIMIT',
      message: expect.stringContaining('"counter" was restarted 2 times within 60000 ms'),
      cause: { message: 'for ever' },
    });
    expect(clock.waitsMs).toEqual([100, 200]);
    expect(agent.stats).toMatchObject({ lifecycle: 'failed', health: 'failed', restarts: 2, tasksFailed: 3 });
  });

  it('is left failed under temporary, and its rows are counted', async () => {
    const before = ({ amount }: CountingRow) => {
      if (amount < 0) throw new Error('bad');
    };
    const agent = await startAgent(countingAgent({ before, supervision: { restart: 'temporary' } }));
    expect(await agent.feed([row('a', 1)])).toHaveLength(1);
    expect(await agent.feed([row('a', 1), row('a', -1)])).toEqual([]);
    expect(await agent.feed([row('a', 1), row('a', 1), row('a', 1)])).toEqual([]);
    expect(agent.stats).toMatchObject({ lifecycle: 'failed', restarts: 0, skippedRows: 5, tasksPartial: 2 });
  });

  it('does not take what fails downstream for its own failure', async () => {
    const agent = await startAgent(countingAgent(), {
      decorate: (inner) => ({
        ...inner,
        stats: inner.stats,
        open: (context) => inner.open(context),
        process: (batch, index) =>
          inner.process(batch, index, {
            emit: () => {
              throw new Error('downstream');
            },
            signal: () => undefined,
          }),
      }),
    });
    await expect(agent.feed([row('a', 1)])).rejects.toThrow('downstream');
    expect(agent.stats).toMatchObject({ tasksFailed: 0, restarts: 0 });
  });

  it('stops waiting for a restart when the task is cancelled', async () => {
    const cancel = new AbortController();
    const before = () => {
      throw new Error('for ever');
    };
    const supervision = { backoff: { initialMs: 60_000 } };
    const agent = await startAgent(countingAgent({ before, supervision }), { signal: cancel.signal });
    const fed = agent.feed([row('a', 1)]);
    setTimeout(() => cancel.abort(new Error('cancelled')), 5);
    await expect(fed).rejects.toThrow('cancelled');
  });
});
