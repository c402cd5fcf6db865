import { startJob } from '@sabot/stream';
import type { BenchmarkCase } from '../../suite/suite.js';
import { windowJob } from '../../window-job.js';

const events = Number(process.env['SABOT_BENCH_EVENTS'] ?? 10_000_000);
const SAMPLE_MS = 50;

/** RSS while a windowed query runs, sampled at even distances. */
async function sampledRss(): Promise<{ readonly rssMb: readonly number[]; readonly leftBytes: number }> {
  const rssMb: number[] = [];
  const timer = setInterval(() => rssMb.push(process.memoryUsage.rss() / 1_048_576), SAMPLE_MS);
  const job = windowJob({ events, splits: 2, keys: 20_000, eventsPerMs: 100, batchRows: 16_384 });
  const running = await startJob(job);
  await running.done;
  clearInterval(timer);
  const leftBytes = running.status().operators.reduce((sum, { stats }) => sum + stats.stateBytes, 0);
  return { rssMb, leftBytes };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export const flatMemory: BenchmarkCase = {
  name: 'flat memory',
  what: `RSS of the last quarter of ${events.toLocaleString('en')} events through hopping windows, over that of the second quarter; 100 is flat. SABOT_BENCH_EVENTS sets how many.`,
  unit: '%',
  better: 'lower',
  baseline: 'sabot',
  warmups: 0,
  references: { promised: 105 },
  contenders: [
    {
      name: 'sabot',
      open: async () => ({
        async sample() {
          const { rssMb, leftBytes } = await sampledRss();
          const quarter = Math.floor(rssMb.length / 4);
          const second = mean(rssMb.slice(quarter, 2 * quarter));
          const last = mean(rssMb.slice(3 * quarter));
          return { value: (last / second) * 100, facts: { secondMb: second, lastMb: last, stateBytesLeft: leftBytes } };
        },
      }),
    },
  ],
};
