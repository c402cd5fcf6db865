import { randomUUID } from 'node:crypto';
import { isSabotError } from '@sabot/core-observability/errors';
import { type CommitTarget, removeOrphans } from '../checkpoints/coordinator.js';
import { type Recovery, recover } from '../checkpoints/recovery.js';
import { streamErrors } from '../errors.js';
import type { Job } from '../plan/job.js';
import type { JobStatus } from '../ports/live-job.js';
import { systemClock } from '../time/system-clock.js';
import { explainEnded } from './explain-watermark.js';
import { finishSinks } from './finish-sinks.js';
import { JobRun, type RunningJob } from './job-run.js';
import { placeOnLanes } from './lanes/lane-plan.js';
import type { CheckpointOptions, JobResult, StartJobOptions } from './task-options.js';
import { isJobModule, type JobModule, setupOf } from './threads/job-module.js';
import { openThreads } from './threads/open-threads.js';
import { lanesWanted, requireThreadable } from './threads/parallelism.js';

/**
 * Starts a job: takes its register over, restores what was committed and goes on from there. Resolves when everything
 * is open and runs. A job whose register says that it has finished is not run again.
 *
 * Errors: `SABOT_STREAM_FENCED`, `…_LAYOUT_CHANGED`, `…_JOB_MISMATCH`, `…_LANES_FIXED`, `…_CHECKPOINT_INVALID`,
 * `…_SOURCE_FAILED`, `…_SINK_FAILED`, with `parallelism` also `…_NOT_A_JOB_MODULE`, `…_PLAN_DIFFERS` and
 * `…_THREAD_FAILED`, and whatever coded error a source, sink or operator fails to open with.
 *
 * @example
 * const running = await startJob(job, { checkpoint: { register, snapshots, intervalMs: 1000 } });
 * const { state, rowsIn } = await running.done;
 */
export async function startJob(described: Job | JobModule, options: StartJobOptions = {}): Promise<RunningJob> {
  requireThreadable(described, options);
  const { job, stateStore } = await setupOf(described);
  const clock = options.clock ?? systemClock;
  const owner = options.owner ?? randomUUID();
  const target = options.checkpoint === undefined ? undefined : decorated(options.checkpoint, options);
  const wanted = lanesWanted(options);
  let recovery: Recovery | undefined;
  if (target !== undefined) {
    const request = { plan: job.plan, owner, ...target, clock, lanes: wanted };
    const found = await recover(request).catch(checkpointFailure(job.name));
    if (found === 'finished') {
      const record = (await target.register.read())?.record;
      await finishSinks(job.plan, record?.sinks ?? {});
      return alreadyFinished(job.name, record?.epoch ?? 0, clock.now());
    }
    recovery = found;
    await removeOrphans(job.name, target.snapshots, found.record.snapshots);
  }
  const abort = new AbortController();
  const plan = placeOnLanes(
    job.plan,
    recovery === undefined ? (wanted.fresh ?? wanted.least) : (recovery.record.lanes ?? 1),
  );
  const opened = await openThreads({
    ref: isJobModule(described) ? described : undefined,
    plan,
    explained: job.explain(),
    options: stateStore === undefined ? options : { stateStore, ...options },
    clock,
    signal: abort.signal,
    recovery,
  });
  const run = new JobRun({ plan, options, clock, owner, abort, ...opened, recovery, target });
  run.start();
  return run;
}

function decorated(checkpoint: CheckpointOptions, options: StartJobOptions): CommitTarget {
  let { register, snapshots } = checkpoint;
  for (const decorator of options.decorators ?? []) {
    register = decorator.register?.(register) ?? register;
    snapshots = decorator.snapshots?.(snapshots) ?? snapshots;
  }
  return { register, snapshots };
}

function checkpointFailure(job: string): (error: unknown) => never {
  return (error) => {
    if (isSabotError(error)) throw error;
    throw streamErrors.error('CHECKPOINT_FAILED', {
      what: `cannot take over job "${job}"`,
      why: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  };
}

function alreadyFinished(job: string, epoch: number, startedAtMs: number): RunningJob {
  const result: JobResult = { job, state: 'finished', epoch, rowsIn: 0, rowsOut: 0, lateRows: 0, durationMs: 0 };
  const status: JobStatus = {
    job,
    state: 'finished',
    startedAtMs,
    epoch,
    operators: [],
    lastCheckpoint: undefined,
    checkpoints: 0,
    error: undefined,
  };
  const done = Promise.resolve(result);
  return { job, done, status: () => status, explainWatermark: explainEnded, drain: () => done, cancel: () => done };
}
