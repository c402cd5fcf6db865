import { describe, expect, it } from 'vitest';
import { defineAgent } from '../../src/agent/define-agent.js';
import { startAgent } from '../../src/testing.js';
import { countingAgent, input, output } from '../counting-agent.js';
import { jumpingClock } from '../virtual-clock.js';

const row = (key: string, amount: number) => ({ key, amount });

/** An agent with a connection that it opens and closes, and a log of what happened. */
function connectedAgent(overrides: {
  readonly failStarts?: number;
  readonly failStop?: boolean;
  readonly failRow?: boolean;
}) {
  const log: string[] = [];
  let starts = 0;
  const agent = defineAgent({
    name: 'connected',
    input,
    output,
    onStart(ctx) {
      log.push(`start ${ctx.restarts}`);
      if (starts++ < (overrides.failStarts ?? 0)) throw new Error('no connection');
      return { id: starts };
    },
    onRow(own, ctx) {
      log.push(`row on ${ctx.resources.id}`);
      if (overrides.failRow && ctx.resources.id === 1) throw new Error('connection lost');
      ctx.emit({ key: own.key, total: ctx.resources.id, seen: 0 });
    },
    onStop(ctx) {
      log.push(`stop ${ctx.resources.id}`);
      if (overrides.failStop) throw new Error('cannot close');
    },
  });
  return { agent, log };
}

describe("an agent's life", () => {
  it('opens its resources, gives them to the handler and closes them', async () => {
    const { agent, log } = connectedAgent({});
    const started = await startAgent(agent);
    expect(await started.feed([row('a', 1)])).toEqual([{ key: 'a', total: 1, seen: 0 }]);
    await started.stop();
    expect(log).toEqual(['start 0', 'row on 1', 'stop 1']);
    expect(started.stats).toMatchObject({ lifecycle: 'stopped', health: 'stopped' });
    expect(started.stats.recentEvents.map(({ kind }) => kind)).toEqual(['register', 'start', 'stop']);
  });

  it('closes and opens them again around a restart', async () => {
    const { agent, log } = connectedAgent({ failRow: true });
    const clock = jumpingClock();
    const started = await startAgent(agent, { clock });
    expect(await started.feed([row('a', 1)])).toEqual([{ key: 'a', total: 2, seen: 0 }]);
    expect(log).toEqual(['start 0', 'row on 1', 'stop 1', 'start 1', 'row on 2']);
    expect(started.stats).toMatchObject({ restarts: 1, health: 'degraded', lifecycle: 'running' });
    expect(started.stats.recentEvents.at(-1)).toMatchObject({ kind: 'restart', startedAtMs: 1_000, endedAtMs: 1_100 });
    clock.advance(60_000);
    expect(started.stats.health).toBe('healthy');
  });

  it('is started again when its start fails', async () => {
    const { agent, log } = connectedAgent({ failStarts: 2 });
    const started = await startAgent(agent, { clock: jumpingClock() });
    expect(log).toEqual(['start 0', 'start 1', 'start 2']);
    expect(started.stats).toMatchObject({ lifecycle: 'running', restarts: 2 });
    expect(started.stats.recentEvents.map(({ kind, error }) => [kind, error === undefined])).toEqual([
      ['register', true],
      ['start', false],
      ['restart', false],
      ['restart', false],
    ]);
  });

  it('fails the job when it cannot start at all', async () => {
    const { agent } = connectedAgent({ failStarts: 99 });
    await expect(startAgent(agent, { clock: jumpingClock() })).rejects.toMatchObject({
      code: 'SABOT_AGENTS_RESTART_LIMIT',
      cause: { message: 'no connection' },
    });
  });

  it('stops although its onStop fails, counted', async () => {
    const { agent } = connectedAgent({ failStop: true });
    const started = await startAgent(agent);
    await started.stop();
    expect(started.stats).toMatchObject({ lifecycle: 'stopped', stopFailures: 1 });
    expect(started.stats.recentEvents.at(-1)).toMatchObject({ kind: 'stop', error: { message: 'cannot close' } });
  });

  it.each([
    ['permanent', 'running', 1, 2, 0],
    ['transient', 'stopped', 0, 1, 1],
    ['temporary', 'stopped', 0, 1, 1],
  ] as const)(
    'that stops by itself under %s is then %s',
    async (restart, lifecycle, restarts, completed, skippedRows) => {
      const after = (_row: unknown, ctx: { stop(): void }) => ctx.stop();
      const agent = await startAgent(countingAgent({ after, supervision: { restart, maxRestarts: 1 } }), {
        clock: jumpingClock(),
      });
      expect(await agent.feed([row('a', 1), row('a', 2)])).toHaveLength(2);
      expect(agent.stats).toMatchObject({ lifecycle, restarts });
      // A permanent agent that stops once more than its budget allows fails the job, after the batch has counted.
      await agent
        .feed([row('a', 1)])
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'SABOT_AGENTS_RESTART_LIMIT' }));
      expect(agent.stats).toMatchObject({ tasksCompleted: completed, skippedRows });
    },
  );
});
