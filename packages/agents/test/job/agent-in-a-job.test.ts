import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows, rowsOf } from '@sabot/columnar';
import { decodeIpcStream } from '@sabot/columnar/ipc';
import { createTestObservability } from '@sabot/core-observability/testing';
import { createLocalSnapshotStore } from '@sabot/state';
import {
  arrowFileSink,
  collectSink,
  createLocalCommitRegister,
  defineJob,
  memorySource,
  Stream,
  startJob,
} from '@sabot/stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachAgent } from '../../src/agent/attach-agent.js';
import { agentStatuses } from '../../src/status/agent-status.js';
import { instrumentAgents } from '../../src/telemetry.js';
import { type CountingRow, countedNaively, countingAgent, input, type output } from '../counting-agent.js';

type Out = typeof output.fields;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-agents-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** `batches` of 10 rows over 7 keys. */
function someRows(batches: number): CountingRow[][] {
  return Array.from({ length: batches }, (_, b) =>
    Array.from({ length: 10 }, (_, i) => ({ key: `k${(b * 10 + i) % 7}`, amount: b + i })),
  );
}

const streamOf = (batches: readonly (readonly CountingRow[])[]) =>
  Stream.from(
    memorySource(
      input,
      batches.map((rows) => batchFromRows(input, rows)),
    ),
    { name: 'rows' },
  );

describe('an agent in a job', () => {
  it('handles the stream, and can be looked at while it runs', async () => {
    const batches = someRows(20);
    const sink = collectSink<Out>();
    const observability = createTestObservability();
    const { output: totals } = attachAgent(streamOf(batches), countingAgent());
    const running = await startJob(defineJob('count', [totals.to(sink, { name: 'totals' })]), {
      decorators: [instrumentAgents(observability)],
    });
    expect(agentStatuses(running)).toMatchObject([{ name: 'counter', job: 'count', operatorId: 'counter' }]);
    await running.done;
    expect(sink.rows()).toEqual(countedNaively(batches.flat()));
    expect(agentStatuses(running)).toMatchObject([
      { lifecycle: 'stopped', tasksCompleted: 20, rowsIn: 200, rowsOut: 200 },
    ]);
    for (const name of ['register_agent', 'lifecycle_start_agent', 'lifecycle_stop_agent']) {
      expect(observability.spans(name)).toHaveLength(1);
    }
  });

  it('sends dead letters to a sink of their own', async () => {
    const batches = someRows(3);
    const isBad = ({ amount }: CountingRow) => amount % 5 === 0;
    const before = (row: CountingRow) => {
      if (isBad(row)) throw new RangeError(`no ${row.amount}`);
    };
    const { output: totals, deadLetters } = attachAgent(
      streamOf(batches),
      countingAgent({ before, onFailure: 'dead-letter' }),
    );
    const good = collectSink<Out>();
    const bad = collectSink<typeof deadLetters.schema.fields>();
    await (
      await startJob(defineJob('count', [totals.to(good, { name: 'good' }), deadLetters.to(bad, { name: 'bad' })]))
    ).done;
    expect(good.rows()).toEqual(countedNaively(batches.flat().filter((row) => !isBad(row))));
    expect(bad.rows().map(({ key, amount, _error_message }) => ({ key, amount, _error_message }))).toEqual(
      batches
        .flat()
        .filter(isBad)
        .map(({ key, amount }) => ({ key, amount, _error_message: `RangeError: no ${amount}` })),
    );
  });

  it('fails the job when its restarts are used up', async () => {
    const before = () => {
      throw new Error('for ever');
    };
    const supervision = { maxRestarts: 1, backoff: { initialMs: 1 } };
    const { output: totals } = attachAgent(streamOf(someRows(1)), countingAgent({ before, supervision }));
    const running = await startJob(defineJob('count', [totals.to(collectSink<Out>(), { name: 'totals' })]));
    await expect(running.done).rejects.toMatchObject({ code: 'SABOT_AGENTS_RESTART_LIMIT' });
    expect(agentStatuses(running)).toMatchObject([{ lifecycle: 'failed', health: 'failed', restarts: 1 }]);
  });

  it('counts every row once over crashes at any point, with checkpoints in a folder', async () => {
    const batches = someRows(12);
    for (const crashAt of [1, 17, 60, 119]) {
      const home = join(folder, `${crashAt}`);
      const path = join(home, 'totals.arrows');
      const run = async (crash: boolean) => {
        let handled = 0;
        let checkpoints = () => 0;
        // From the fourth batch on, none begins before a checkpoint has been committed.
        const before = async () => {
          for (let tries = 0; handled >= 30 && checkpoints() === 0 && tries < 1_000; tries++) await pause(5);
          if (handled % 10 === 0) await pause(2);
          if (++handled === crashAt && crash) throw new Error('crash');
        };
        const { output: totals } = attachAgent(
          streamOf(batches),
          countingAgent({ before, supervision: { maxRestarts: 0 }, mailboxBytes: 1 }),
        );
        const running = await startJob(defineJob('count', [totals.to(arrowFileSink<Out>(path), { name: 'totals' })]), {
          checkpoint: {
            register: createLocalCommitRegister(join(home, 'register')),
            snapshots: createLocalSnapshotStore(join(home, 'snapshots')),
            intervalMs: 1,
          },
        });
        checkpoints = () => running.status().checkpoints;
        const result = await running.done;
        return { state: result.state, handled };
      };
      await expect(run(true)).rejects.toMatchObject({ code: 'SABOT_AGENTS_RESTART_LIMIT' });
      const second = await run(false);
      expect(second.state).toBe('finished');
      // It went on from a checkpoint: what came before was not handled again.
      if (crashAt > 50) expect(second.handled).toBeLessThan(120);
      expect(await readRows(path)).toEqual(countedNaively(batches.flat()));
    }
  });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function readRows(path: string): Promise<unknown[]> {
  return decodeIpcStream(await readFile(path)).batches.flatMap((batch) => rowsOf(batch));
}
