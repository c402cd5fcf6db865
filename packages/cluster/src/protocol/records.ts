import { clusterErrors } from '../errors.js';
import type { FailureRecord } from './failure-record.js';

/** How the leader chooses a worker for a task. */
export type PlacementStrategy = 'LEAST_LOADED' | 'ROUND_ROBIN' | 'WEIGHTED_RANDOM';

/** `members/<worker>`: rewritten with every heartbeat; its revision is the sign of life. */
export interface MemberRecord {
  readonly worker: string;
  /** Random per registration: a restarted worker of the same name is another session. */
  readonly session: string;
  readonly state: 'active' | 'draining';
  readonly capacity: number;
  readonly jobs: readonly string[];
  readonly work: readonly string[];
  readonly beat: number;
  readonly pid: number;
  /** Epoch milliseconds of the worker's own clock; shown, never compared. */
  readonly startedAtMs: number;
  readonly beatAtMs: number;
}

/** `leader`: whose session is dead leads no longer. */
export interface LeaderRecord {
  readonly worker: string;
  readonly session: string;
  readonly term: number;
}

export type JobState = 'submitted' | 'finished' | 'failed' | 'cancelled';

/** `jobs/<job>` */
export interface JobRecord {
  readonly job: string;
  readonly tasks: readonly string[];
  readonly strategy: PlacementStrategy;
  readonly maxAttempts: number;
  readonly state: JobState;
  readonly failure?: FailureRecord;
  readonly submittedAtMs: number;
  /** Grows with every submission after a failure or cancellation: task records of older ones do not count. */
  readonly submission: number;
}

/** Who is to run a task. */
export interface Placement {
  readonly worker: string;
  readonly session: string;
  /** The generation that gave the task to this worker. */
  readonly since: number;
  readonly attempt: number;
}

/** `assignments`: everything the leader has decided, published as one value by compare-and-set. */
export interface AssignmentRecord {
  readonly generation: number;
  /** `job/task` → placement. */
  readonly tasks: Readonly<Record<string, Placement>>;
}

export type TaskState = 'running' | 'released' | 'finished' | 'failed';

/** `tasks/<job>/<task>`: written by the task's owner. */
export interface TaskRecord {
  readonly job: string;
  readonly task: string;
  readonly submission: number;
  readonly worker: string;
  readonly session: string;
  readonly since: number;
  readonly state: TaskState;
  /** Failures so far within this submission. */
  readonly failures: number;
  readonly failure?: FailureRecord;
  readonly changedAtMs: number;
}

export type WorkState = 'submitted' | 'assigned' | 'running' | 'done' | 'failed' | 'cancelled';

/** `work/<id>`: one piece of one-off work. */
export interface WorkRecord {
  readonly id: string;
  readonly kind: string;
  readonly strategy: PlacementStrategy;
  readonly state: WorkState;
  readonly input: unknown;
  readonly result?: unknown;
  readonly failure?: FailureRecord;
  readonly worker?: string;
  readonly session?: string;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly submittedAtMs: number;
  /** W3C traceparent of whoever distributed it. */
  readonly trace?: string;
}

export const LEADER_KEY = 'leader';
export const ASSIGNMENTS_KEY = 'assignments';
export const MEMBERS = 'members/';
export const JOBS = 'jobs/';
export const TASKS = 'tasks/';
export const WORK = 'work/';

/** Reads a record that this package wrote. */
export function parseRecord<T>(key: string, value: string): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw unreadable(key, cause);
  }
  if (typeof parsed !== 'object' || parsed === null) throw unreadable(key, undefined);
  // The key says which record it is, and only this package writes under these keys.
  return parsed as T;
}

function unreadable(key: string, cause: unknown): Error {
  return clusterErrors.error('ENGINE_RECORD_INVALID', {
    what: `cannot read "${key}"`,
    why: 'it is not a record of this package',
    cause,
  });
}
