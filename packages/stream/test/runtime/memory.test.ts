import { type Batch, batchOf, defineSchema, int64, timestamp } from '@sabot/columnar';
import { createMemorySnapshotStore } from '@sabot/state';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import type { CommitRegister } from '../../src/ports/commit-register.js';
import type { Polled, Source } from '../../src/ports/source.js';
import type { RunningJob } from '../../src/runtime/job-run.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink, forEachSink } from '../../src/sinks/memory-sinks.js';
import { Stream } from '../../src/surface/stream.js';
import { createMemoryCommitRegister } from '../../src/testing/memory-commit-register.js';
import { tumbling } from '../../src/time/window-spec.js';

const ROWS = 8192;
const MIB = 1_048_576;
const schema = defineSchema({ id: int64(), at: timestamp('ms') });

function batchFrom(first: number): Batch {
  const numbers = Array.from({ length: ROWS }, (_, at) => first + at);
  return batchOf(schema, { id: numbers.map(BigInt), at: numbers });
}

/** As fast as it is asked; each row has a key of its own. */
function fastSource(batches: number): Source<typeof schema.fields> & { readonly read: Source['read'] } {
  return {
    name: 'fast',
    schema,
    bounded: true,
    splits: async () => [{ id: '0' }],
    async read() {
      let next = 0;
      return {
        async poll(): Promise<Polled> {
          if (next === batches) return { kind: 'end' };
          return { kind: 'batch', batch: batchFrom(next++ * ROWS), position: { next } };
        },
        close: async () => undefined,
      };
    },
  };
}

const heldBy = (running: RunningJob) =>
  running.status().operators.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);

/** Resolves when the first source has not been read for a while. */
async function held(running: RunningJob): Promise<void> {
  for (let before = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    const rows = running.status().operators[0]?.stats.rowsOut ?? 0;
    if (rows > 0 && rows === before) return;
    before = rows;
  }
}

describe('maxMemoryMb', () => {
  it('holds a source that is far faster than its sink, and every row arrives', { timeout: 30_000 }, async () => {
    let rows = 0;
    let most = 0;
    let running: RunningJob | undefined;
    const slow = forEachSink<typeof schema.fields>(async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      rows += batch.numRows;
      most = Math.max(most, running === undefined ? 0 : heldBy(running));
    });
    const job = defineJob('slow', [Stream.from(fastSource(100)).to(slow)]);
    running = await startJob(job, { maxMemoryMb: 1, channelBytes: 64 * MIB });
    await running.done;
    expect(rows).toBe(100 * ROWS);
    expect(most).toBeGreaterThan(MIB / 2);
    expect(most).toBeLessThan(MIB);
  });

  it('fails by the name of the operator whose state cannot be let go of', { timeout: 30_000 }, async () => {
    const windows = Stream.from(fastSource(10_000), { name: 'in', eventTime: 'at' })
      .keyBy('id')
      .window(tumbling({ sizeMs: 1e12 }))
      .aggregate((a) => ({ rows: a.count() }), { name: 'endless' });
    const running = await startJob(defineJob('state', [windows.to(collectSink())]), { maxMemoryMb: 4 });
    await expect(running.done).rejects.toMatchObject({
      code: 'SABOT_STREAM_MEMORY_EXCEEDED',
      facts: { operator: 'endless' },
    });
  });

  it('does not fail a job that reads no further and takes its time to commit', { timeout: 30_000 }, async () => {
    const inner = createMemoryCommitRegister();
    const slow: CommitRegister = {
      read: () => inner.read(),
      async advance(record, expected) {
        if (record.epoch > 1) await new Promise((resolve) => setTimeout(resolve, 1200));
        return inner.advance(record, expected);
      },
    };
    const windows = Stream.from(fastSource(10_000), { name: 'in', eventTime: 'at' })
      .keyBy('id')
      .window(tumbling({ sizeMs: 1e12 }))
      .aggregate((a) => ({ rows: a.count() }), { name: 'endless' });
    const checkpoint = { register: slow, snapshots: createMemorySnapshotStore() };
    const running = await startJob(defineJob('state', [windows.to(collectSink())]), { maxMemoryMb: 16, checkpoint });
    await held(running);
    expect(await running.drain()).toMatchObject({ state: 'drained' });
  });

  it('is a whole number of at least 1', async () => {
    const job = defineJob('job', [Stream.from(fastSource(1)).to(collectSink())]);
    await expect(startJob(job, { maxMemoryMb: 0 })).rejects.toMatchObject({ code: 'SABOT_STREAM_OPTION_INVALID' });
  });
});
