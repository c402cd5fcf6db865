import type { Engine } from '../engine/engine.js';
import { checkName } from '../engine/keys.js';
import { clusterErrors } from '../errors.js';
import { describeFailure, failureError } from '../protocol/failure-record.js';
import {
  JOBS,
  type JobRecord,
  type JobState,
  type PlacementStrategy,
  parseRecord,
  TASKS,
} from '../protocol/records.js';

export interface SubmitOptions {
  /** The job's tasks; default one, `main`: in one process the whole graph is one task. */
  readonly tasks?: readonly string[];
  /** How the leader chooses workers; default `LEAST_LOADED`. */
  readonly strategy?: PlacementStrategy;
  /** How often a task may fail before the job has failed; default 3. A usage error is never tried again. */
  readonly maxAttempts?: number;
}

export interface SubmittedJob {
  readonly job: string;
  /** False when it was there already. */
  readonly submitted: boolean;
  readonly state: JobState;
}

/**
 * Makes a job known to the cluster; durable when it resolves. Workers that know a job of this name take its tasks.
 *
 * Submitting the same again changes nothing. After a failure or a cancellation it starts the job again, which goes on
 * from its last commit. Fails with `SABOT_CLUSTER_JOB_EXISTS` when a job of this name has other tasks.
 */
export async function submitJob(engine: Engine, job: string, options: SubmitOptions = {}): Promise<SubmittedJob> {
  checkName('job', job);
  const wanted = newRecord(job, options);
  for (;;) {
    const held = await engine.coordination.get(JOBS + job);
    const before = held && parseRecord<JobRecord>(held.key, held.value);
    if (before !== undefined && !sameShape(before, wanted)) throw exists(before, wanted);
    if (before?.state === 'submitted' || before?.state === 'finished')
      return { job, submitted: false, state: before.state };
    const record = { ...wanted, submission: (before?.submission ?? 0) + 1 };
    const revision = await engine.coordination.put(JOBS + job, JSON.stringify(record), held?.revision ?? 0);
    if (revision !== undefined) return { job, submitted: true, state: 'submitted' };
  }
}

/** Stops a job's tasks after their next commit. Submitted again, it goes on from there. */
export async function cancelJob(engine: Engine, job: string): Promise<void> {
  for (;;) {
    const held = await engine.coordination.get(JOBS + job);
    if (held === undefined) throw unknownJob(job);
    const record = parseRecord<JobRecord>(held.key, held.value);
    if (record.state !== 'submitted') return;
    const cancelled: JobRecord = { ...record, state: 'cancelled' };
    if ((await engine.coordination.put(held.key, JSON.stringify(cancelled), held.revision)) !== undefined) return;
  }
}

/** Forgets a job; its tasks stop. Its commit registers stay: submitted again, it goes on from its last commit. */
export async function removeJob(engine: Engine, job: string): Promise<void> {
  checkName('job', job);
  await engine.coordination.delete(JOBS + job);
  for (const { key } of await engine.coordination.list(`${TASKS}${job}/`)) await engine.coordination.delete(key);
}

export interface WaitOptions {
  /** Stops waiting: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves when the job has finished or was cancelled. Rejects with `SABOT_CLUSTER_JOB_FAILED`, whose `cause` is what its
 * task failed of, with that error's own code and causes; `SABOT_CLUSTER_JOB_UNKNOWN`, or `SABOT_CLUSTER_JOB_CANCELLED` when it is removed meanwhile.
 */
export async function waitForJob(
  engine: Engine,
  job: string,
  options: WaitOptions = {},
): Promise<{ readonly job: string; readonly state: 'finished' | 'cancelled' }> {
  const key = JOBS + job;
  if ((await engine.coordination.get(key)) === undefined) throw unknownJob(job);
  const watching = new AbortController();
  const signal = options.signal === undefined ? watching.signal : AbortSignal.any([watching.signal, options.signal]);
  try {
    for await (const change of engine.coordination.watch(key, signal)) {
      if (change.key !== key) continue;
      if (change.value === undefined)
        throw clusterErrors.error('JOB_CANCELLED', { what: `job "${job}" has no result`, why: 'it was removed' });
      const record = parseRecord<JobRecord>(key, change.value);
      if (record.state === 'failed') throw failed(record);
      if (record.state !== 'submitted') return { job, state: record.state };
    }
  } finally {
    watching.abort();
  }
  options.signal?.throwIfAborted();
  throw clusterErrors.error('ENGINE_CLOSED', { what: `cannot wait for job "${job}"`, why: 'the engine was closed' });
}

function newRecord(job: string, options: SubmitOptions): JobRecord {
  const tasks = options.tasks ?? ['main'];
  for (const task of tasks) checkName('task', task);
  const maxAttempts = options.maxAttempts ?? 3;
  if (tasks.length === 0 || new Set(tasks).size !== tasks.length) {
    throw refused(job, 'tasks', JSON.stringify(tasks), 'a job needs at least one task, each once');
  }
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw refused(job, 'maxAttempts', String(maxAttempts), 'it must be a whole number of at least 1');
  }
  const strategy = options.strategy ?? 'LEAST_LOADED';
  return { job, tasks, strategy, maxAttempts, state: 'submitted', submittedAtMs: Date.now(), submission: 1 };
}

function sameShape(a: JobRecord, b: JobRecord): boolean {
  return JSON.stringify([...a.tasks].sort()) === JSON.stringify([...b.tasks].sort());
}

function exists(before: JobRecord, wanted: JobRecord): Error {
  return clusterErrors.error('JOB_EXISTS', {
    what: `cannot submit job "${wanted.job}"`,
    why: `a job of this name has the tasks ${before.tasks.join(', ')}; asked for are ${wanted.tasks.join(', ')}`,
  });
}

function unknownJob(job: string): Error {
  return clusterErrors.error('JOB_UNKNOWN', {
    what: `there is no job "${job}"`,
    why: 'it was not submitted to this engine, or was removed',
  });
}

function failed({ failure, job }: JobRecord): Error {
  const why = failure === undefined ? 'a task failed' : describeFailure(failure);
  return clusterErrors.error('JOB_FAILED', {
    what: `job "${job}" failed`,
    why,
    ...(failure?.remedy ? { remedy: failure.remedy } : {}),
    ...(failure === undefined ? {} : { cause: failureError(failure) }),
    facts: { cause: failure?.code ?? 'unknown' },
  });
}

function refused(job: string, name: string, value: string, why: string): Error {
  return clusterErrors.error('OPTIONS_INVALID', { what: `cannot submit job "${job}" with ${name} = ${value}`, why });
}
