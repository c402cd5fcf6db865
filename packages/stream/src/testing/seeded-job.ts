import type { Job } from '../plan/job.js';
import type { Turns } from '../ports/turns.js';
import type { RunningJob } from '../runtime/job-run.js';
import { startJob } from '../runtime/start-job.js';
import type { StartJobOptions } from '../runtime/task-options.js';
import { createVirtualClock, type VirtualClock } from './virtual-clock.js';

export interface SeededJobOptions extends Omit<StartJobOptions, 'clock' | 'turns' | 'turnMs' | 'parallelism'> {
  /** The same seed gives the same run: which chain steps when, how long turns are, how fast the clock goes. */
  readonly seed: number;
  /** Default a virtual clock at 0. It is moved on as the job runs. */
  readonly clock?: VirtualClock;
  /** How far the clock goes at most between two turns, milliseconds; default 3. */
  readonly tickMs?: number;
}

/**
 * Starts a job so that its run follows from the seed: one thread, a virtual clock, chains in an order drawn from the
 * seed. Everything that the job waits for has to be in memory too: a disk or a network answers when it likes.
 */
export async function startSeededJob(job: Job, options: SeededJobOptions): Promise<RunningJob> {
  const { seed, clock = createVirtualClock(), tickMs = 3, ...rest } = options;
  const random = randomFrom(seed);
  const running = await startJob(job, { owner: `seed-${seed}`, ...rest, clock, turns: seededTurns(random) });
  let ended = false;
  const end = () => {
    ended = true;
  };
  running.done.then(end, end);
  const tick = () => {
    if (ended) return;
    clock.advance(Math.floor(random() * (tickMs + 1)));
    setImmediate(tick);
  };
  setImmediate(tick);
  return running;
}

function seededTurns(random: () => number): Turns {
  return {
    next: (waiting) => Math.floor(random() * waiting),
    soon(turn) {
      const immediate = setImmediate(turn);
      return () => clearImmediate(immediate);
    },
    over: () => random() < 0.3,
  };
}

/** Numbers in [0, 1). Source: mulberry32, a published 32-bit generator in the public domain. */
function randomFrom(seed: number): () => number {
  let word = seed >>> 0;
  return () => {
    word = (word + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(word ^ (word >>> 15), word | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
