import { type Batch, batchFromRows, defineSchema, int32, rowsOf, utf8 } from '@sabot/columnar';
import { createMemoryStateStore } from '@sabot/state';
import { describe, expect, it } from 'vitest';
import { defineAgent } from '../../src/agent/define-agent.js';
import { startAgent } from '../../src/testing.js';
import { countedNaively, countingAgent, input, output, states } from '../counting-agent.js';
import { jumpingClock } from '../virtual-clock.js';

const row = (key: string, amount: number) => ({ key, amount });

describe('an agent', () => {
  it('keeps a state per key and emits rows in order', async () => {
    await using agent = await startAgent(countingAgent());
    const rows = [row('a', 1), row('b', 10), row('a', 2)];
    expect(await agent.feed(rows)).toEqual(countedNaively(rows));
    expect(await agent.feed([row('b', 5)])).toEqual([{ key: 'b', total: 15, seen: 2 }]);
    expect(agent.stats).toMatchObject({ lifecycle: 'running', health: 'healthy', tasksCompleted: 2, tasksFailed: 0 });
  });

  it('keeps one state without a key', async () => {
    await using agent = await startAgent(countingAgent({ key: [] }));
    expect(await agent.feed([row('a', 1), row('b', 10)])).toEqual([
      { key: 'a', total: 1, seen: 1 },
      { key: 'b', total: 11, seen: 2 },
    ]);
  });

  it('goes on from its store in a new process', async () => {
    const store = createMemoryStateStore();
    const first = await startAgent(countingAgent(), { store });
    await first.feed([row('a', 1), row('b', 1)]);
    await first.stop();
    const frozen = store.snapshot(1).bytes();
    const restored = createMemoryStateStore();
    await restored.restore([{ epoch: 1, bytes: frozen }]);
    await using second = await startAgent(countingAgent(), { store: restored });
    expect(await second.feed([row('a', 41)])).toEqual([{ key: 'a', total: 42, seen: 2 }]);
  });

  it('has everything of a batch in its store when the batch is done, for the checkpoint that may follow', async () => {
    const store = createMemoryStateStore();
    await using agent = await startAgent(countingAgent(), { store });
    await agent.feed([row('a', 1)]);
    expect(store.stats.entries).toBeGreaterThan(0);
  });

  it('returns no promise for synchronous handlers', async () => {
    await using agent = await startAgent(countingAgent());
    expect(agent.process(batchFromRows(input, [row('a', 1)]))).toBeUndefined();
  });

  it('handles rows one at a time when handlers wait', async () => {
    let running = 0;
    let most = 0;
    const before = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
    };
    await using agent = await startAgent(countingAgent({ before }));
    const rows = [row('a', 1), row('b', 2), row('a', 3)];
    expect(await agent.feed(rows)).toEqual(countedNaively(rows));
    expect(most).toBe(1);
  });

  it('gives onBatch the state of the row it asks for', async () => {
    const definition = defineAgent({
      name: 'counter',
      input,
      output,
      key: 'key',
      state: states,
      onBatch(batch, ctx) {
        const rows = rowsOf(batch);
        for (const index of [1, 0]) {
          ctx.at(index);
          ctx.state.total.update((total) => ({ sum: total.sum + (rows[index]?.amount ?? 0) }));
          ctx.emit({ key: rows[index]?.key ?? '', total: ctx.state.total.get().sum, seen: index });
        }
      },
    });
    await using agent = await startAgent(definition);
    expect(await agent.feed([row('a', 1), row('b', 2)])).toEqual([
      { key: 'b', total: 2, seen: 1 },
      { key: 'a', total: 1, seen: 0 },
    ]);
  });

  it('names a row that the batch does not have', async () => {
    const definition = defineAgent({ name: 'far', input, output, onBatch: (_batch, ctx) => ctx.at(1) });
    const agent = await startAgent(definition, { clock: jumpingClock() });
    await expect(agent.feed([row('a', 1)])).rejects.toMatchObject({
      code: 'SABOT_AGENTS_RESTART_LIMIT',
      cause: { code: 'SABOT_AGENTS_ROW_OUT_OF_RANGE' },
    });
  });

  it('refuses to emit when no batch is being handled', async () => {
    let late: (() => void) | undefined;
    const definition = countingAgent({
      before: (_row, ctx) => {
        late = () => ctx.emit({ key: 'a', total: 1, seen: 1 });
      },
    });
    await using agent = await startAgent(definition);
    await agent.feed([row('a', 1)]);
    expect(() => late?.()).toThrow('no batch is being handled');
  });

  it('reads its own columns from a wider stream', async () => {
    const wide = defineSchema({ more: int32(), amount: int32(), key: utf8() });
    await using agent = await startAgent(countingAgent());
    agent.process(batchFromRows(wide, [{ more: 0, amount: 7, key: 'a' }]) as unknown as Batch<typeof input.fields>);
    expect(await agent.feed([])).toEqual([{ key: 'a', total: 7, seen: 1 }]);
  });
});
