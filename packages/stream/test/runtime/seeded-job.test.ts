import { rowsOf } from '@sabot/columnar';
import { createMemorySnapshotStore } from '@sabot/state';
import { describe, expect, it } from 'vitest';
import type { Sink } from '../../src/ports/sink.js';
import { createMemoryCommitRegister } from '../../src/testing/memory-commit-register.js';
import { startSeededJob } from '../../src/testing/seeded-job.js';
import { createSinkProbe } from '../../src/testing/sink-probe.js';
import { countLine, crashJob, expectedOutput, windowLine } from '../recovery/crash-job.js';

/** Everything that reaches a sink, in order, batch by batch. */
function told(sink: Sink, name: string, lines: string[]): Sink {
  return {
    ...sink,
    async open(context) {
      const writer = await sink.open(context);
      return {
        ...writer,
        write(batch) {
          lines.push(
            `${name} ${JSON.stringify([...rowsOf(batch)], (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`,
          );
          return writer.write(batch);
        },
        prepare(epoch) {
          lines.push(`${name} epoch ${epoch}`);
          return writer.prepare(epoch);
        },
      };
    },
  };
}

async function run(seed: number, lanes: number) {
  const lines: string[] = [];
  const windows = createSinkProbe();
  const counts = createSinkProbe();
  const job = crashJob({ seed: 1, windows: told(windows, 'windows', lines), counts: told(counts, 'counts', lines) });
  const running = await startSeededJob(job, {
    seed,
    lanes,
    channelBytes: 200,
    checkpoint: { register: createMemoryCommitRegister(), snapshots: createMemorySnapshotStore(), intervalMs: 5 },
  });
  const { epoch } = await running.done;
  const output = {
    windows: windows.committed().map(windowLine).sort(),
    counts: counts.committed().map(countLine).sort(),
  };
  return { told: [...lines, `epoch ${epoch}`].join('\n'), output };
}

describe('P3: a seeded job', () => {
  it.each([1, 3])(
    'runs the same way for the same seed, byte for byte, in %i lanes',
    { timeout: 60_000 },
    async (lanes) => {
      for (const seed of [1, 2, 3]) {
        const first = await run(seed, lanes);
        expect((await run(seed, lanes)).told, `seed ${seed}`).toBe(first.told);
        expect(first.told.split('epoch').length, 'checkpoints').toBeGreaterThan(4);
      }
    },
  );

  it('runs another way for another seed, to the same output', { timeout: 60_000 }, async () => {
    const ways = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const { told: way, output } = await run(seed, 3);
      expect(output, `seed ${seed}`).toEqual(expectedOutput(1));
      ways.add(way);
    }
    expect(ways.size).toBe(12);
  });
});
