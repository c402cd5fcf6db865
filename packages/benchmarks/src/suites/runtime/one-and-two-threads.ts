import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { jobModule, type StartJobOptions, startJob } from '@sabot/stream';
import type { BenchmarkCase, Contender } from '../../suite/suite.js';
import type { WindowJobOptions } from '../../window-job.js';

const events = Number(process.env['SABOT_BENCH_EVENTS'] ?? 10_000_000);
const input: WindowJobOptions = { events, splits: 2, keys: 20_000, eventsPerMs: 100, batchRows: 16_384 };

/** The module that every thread imports, as it was built. */
function windowJobModule() {
  const program = createRequire(import.meta.url).resolve('@sabot/benchmarks/window-job');
  return jobModule(pathToFileURL(program), input, { exportName: 'windowJob' });
}

function threads(name: string, options: StartJobOptions): Contender {
  return {
    name,
    open: async () => ({
      async sample() {
        const delay = monitorEventLoopDelay({ resolution: 5 });
        delay.enable();
        const cpu = process.cpuUsage();
        const started = performance.now();
        await (await startJob(windowJobModule(), options)).done;
        const elapsedMs = performance.now() - started;
        delay.disable();
        const { user, system } = process.cpuUsage(cpu);
        const facts = { coresUsed: (user + system) / 1000 / elapsedMs, loopDelayP99Ms: delay.percentile(99) / 1e6 };
        return { value: (events / elapsedMs) * 1000, facts };
      },
    }),
  };
}

/** `coresUsed` says whether the machine had two cores to give. */
export const oneAndTwoThreads: BenchmarkCase = {
  name: 'hopping windows',
  what: `Counts, means and maxima of ${events.toLocaleString('en')} generated events per key and hopping window; starting threads is in the time.`,
  unit: 'events/s',
  better: 'higher',
  baseline: 'one thread',
  contenders: [
    threads('one thread', {}),
    threads('two threads', { parallelism: 2, lanes: 2 }),
    threads('two threads, 12 lanes', { parallelism: 2 }),
  ],
};
