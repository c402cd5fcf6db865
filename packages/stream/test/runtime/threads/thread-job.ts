import { threadId } from 'node:worker_threads';
import type { Job } from '../../../src/plan/job.js';
import type { Sink } from '../../../src/ports/sink.js';
import { crashJob } from '../../recovery/crash-job.js';

export interface ThreadJobOptions {
  readonly seed: number;
  /** Name of the sinks that the main thread has put on its global object. */
  readonly sinks: string;
  /** What happens to the nth batch on this thread. */
  readonly crash?: { readonly thread: 'main' | 'worker'; readonly batch: number; readonly how: 'throw' | 'exit' };
  readonly paceMs?: number;
  /** Makes each thread describe another plan. */
  readonly differs?: boolean;
}

interface Sinks {
  readonly windows: Sink;
  readonly counts: Sink;
}

/** Sinks run on the main thread only: elsewhere nobody opens them. */
function sinksOf(name: string): Sinks {
  const unused = { name: 'probe', guarantee: 'exactly-once', open: () => Promise.reject(new Error('unused')) } as const;
  return (Reflect.get(globalThis, name) as Sinks | undefined) ?? { windows: unused, counts: unused };
}

export function threadJob({ seed, sinks, crash, paceMs = 0, differs = false }: ThreadJobOptions): Job {
  const here = Reflect.has(globalThis, sinks) ? 'main' : 'worker';
  let batches = 0;
  const job = crashJob({
    seed,
    ...sinksOf(sinks),
    paceMs,
    onBatch: () => {
      if (crash === undefined || crash.thread !== here || ++batches !== crash.batch) return;
      if (crash.how === 'exit') process.exit(7);
      throw new TypeError('the crash that was asked for');
    },
  });
  return differs ? { ...job, explain: () => `thread ${threadId}` } : job;
}
