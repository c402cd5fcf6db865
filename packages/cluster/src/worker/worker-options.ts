import type { SnapshotStore } from '@sabot/state';
import { type Clock, type CommitRegister, systemClock } from '@sabot/stream';
import type { Log } from '@sabot/stream/ports';
import type { Engine } from '../engine/engine.js';
import { checkName } from '../engine/keys.js';
import { clusterErrors } from '../errors.js';
import { resolveTiming, type WorkerTiming } from '../protocol/timing.js';

/** A task as its new owner gets it. */
export interface TaskAssignment {
  readonly job: string;
  readonly task: string;
  /** Worker and session, for the commit record. */
  readonly owner: string;
  /** The generation of the assignment that gave it. */
  readonly generation: number;
  /** 1 unless the task failed before. */
  readonly attempt: number;
  /** The task's own commit register: fence with it first, commit with it only. */
  readonly register: CommitRegister;
  readonly snapshots: SnapshotStore;
  readonly log: Log;
  /** Aborted when the task must stop at once: its session is lost, or draining took too long. */
  readonly signal: AbortSignal;
}

/** How a task ended. */
export interface TaskOutcome {
  readonly state: 'finished' | 'drained' | 'cancelled';
}

/** A task under way; what `startJob` of `@sabot/stream` returns is one. */
export interface RunningTask {
  readonly done: Promise<TaskOutcome>;
  /** Stops taking input, commits what is there, and lets `done` resolve. */
  drain(options: { readonly deadlineMs: number }): Promise<unknown>;
}

/** Starts a task. It must fence through the register before it does anything that others see. */
export type TaskRunner = (assignment: TaskAssignment) => Promise<RunningTask>;

export interface WorkContext {
  readonly id: string;
  readonly kind: string;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly worker: string;
  /** Aborted when the work was cancelled or the worker's session is lost. */
  readonly signal: AbortSignal;
  /** W3C traceparent of whoever distributed it. */
  readonly trace: string | undefined;
}

/** Executes one kind of one-off work: JSON in, JSON out. */
export type WorkExecutor = (input: unknown, context: WorkContext) => unknown;

export interface WorkerOptions {
  readonly engine: Engine;
  /** Unique in the cluster; default `worker-<pid>`. */
  readonly name?: string;
  /** Tasks and pieces of work at a time; default 16. */
  readonly capacity?: number;
  /** The jobs this worker can run, by name; default none. */
  readonly jobs?: Readonly<Record<string, TaskRunner>>;
  /** The kinds of one-off work this worker can do; default none. */
  readonly work?: Readonly<Record<string, WorkExecutor>>;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** The protocol's intervals, equal on all workers of a cluster. */
  readonly timing?: Partial<WorkerTiming>;
}

/** The options with defaults filled in and checked. */
export interface ResolvedWorkerOptions extends Required<Omit<WorkerOptions, 'timing'>> {
  readonly timing: WorkerTiming;
}

export function resolveWorkerOptions(options: WorkerOptions): ResolvedWorkerOptions {
  const resolved = {
    engine: options.engine,
    name: options.name ?? `worker-${process.pid}`,
    capacity: options.capacity ?? 16,
    jobs: options.jobs ?? {},
    work: options.work ?? {},
    clock: options.clock ?? systemClock,
    timing: resolveTiming(options.timing),
  };
  checkName('worker', resolved.name);
  for (const job of Object.keys(resolved.jobs)) checkName('job', job);
  for (const kind of Object.keys(resolved.work)) checkName('kind of work', kind);
  if (!Number.isInteger(resolved.capacity) || resolved.capacity < 1) {
    throw clusterErrors.error('OPTIONS_INVALID', {
      what: `cannot use capacity = ${resolved.capacity} for worker "${resolved.name}"`,
      why: 'it must be a whole number of at least 1',
    });
  }
  return resolved;
}
