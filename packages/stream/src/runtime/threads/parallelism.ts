import type { LanesWanted } from '../../checkpoints/recovery.js';
import { streamErrors } from '../../errors.js';
import type { Job } from '../../plan/job.js';
import { KEY_GROUPS } from '../lanes/key-lanes.js';
import type { StartJobOptions } from '../task-options.js';
import { isJobModule, type JobModule } from './job-module.js';

/** Shared out evenly over 1, 2, 3, 4, 6 and 12 threads. */
const DEFAULT_LANES = 12;

/** What the options say about lanes: how many, and how many there must be for every thread to have one. */
export function lanesWanted({ lanes, parallelism }: StartJobOptions): LanesWanted {
  if (lanes !== undefined) return { exactly: lanes, least: lanes };
  // Whoever says a number of threads, and be it one, may say another at the next start.
  if (parallelism === undefined) return { exactly: undefined, least: 1 };
  const fresh = parallelism <= DEFAULT_LANES ? DEFAULT_LANES : parallelism * 2;
  return { exactly: undefined, least: parallelism, fresh };
}

/** Checks the options that have to do with threads. */
export function requireThreadable(job: Job | JobModule, options: StartJobOptions): void {
  const { lanes, parallelism = 1 } = options;
  requireCount('parallelism', parallelism, 1, 256);
  for (const name of ['maxMemoryMb', 'batchRows', 'channelRows'] as const) {
    const value = options[name];
    if (value !== undefined) requireCount(name, value, 1, 2 ** 30);
  }
  if (lanes !== undefined) requireCount('lanes', lanes, Math.max(1, parallelism), KEY_GROUPS);
  if (parallelism === 1) return;
  if (!isJobModule(job)) {
    throw streamErrors.error('NOT_A_JOB_MODULE', {
      what: `cannot run job "${job.name}" on ${parallelism} threads`,
      why: 'it holds functions of this thread, which no other can be given',
    });
  }
  for (const name of ['clock', 'turns', 'stateStore'] as const) {
    if (options[name] === undefined) continue;
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot use \`${name}\` with parallelism ${parallelism}`,
      why: 'it is an object of this thread, and every thread needs its own',
      remedy: name === 'stateStore' ? 'Let the job module give `{ job, stateStore }`.' : 'Leave it out.',
    });
  }
}

function requireCount(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw streamErrors.error('OPTION_INVALID', {
    what: `cannot use ${value} as \`${name}\``,
    why: `it is not a whole number from ${least} to ${most}`,
  });
}
