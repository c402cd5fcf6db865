import type { OperatorStats } from './operator.js';

/** `running` until it ends one way or another; `draining` between `drain()` and its end. */
export type JobState = 'running' | 'draining' | 'finished' | 'drained' | 'cancelled' | 'failed';

/** Where the time of an operator went since the job started, milliseconds; the three sum up to the elapsed time. */
export interface OperatorTimes {
  /** Processing, and waiting for its own asynchronous work. */
  readonly busyMs: number;
  /** Unable to go on because a channel behind its chain is full. */
  readonly backpressuredMs: number;
  /** Waiting for input or for its turn. */
  readonly idleMs: number;
}

export interface OperatorStatus {
  readonly id: string;
  readonly kind: string;
  readonly chain: string;
  readonly facts: Readonly<Record<string, string>>;
  /** Live: the very object the operator counts in. */
  readonly stats: Readonly<OperatorStats>;
  readonly times: OperatorTimes;
  /** What waits in the channels in front of it; 0 for operators inside a chain. */
  readonly queuedElements: number;
  readonly queuedBytes: number;
  /** What it holds in memory: its state, what waits in front of it, a source's batches at hand. */
  readonly memoryBytes: number;
}

export interface CheckpointStatus {
  readonly epoch: number;
  readonly committedAtMs: number;
  readonly durationMs: number;
  readonly snapshotBytes: number;
}

/** What a job is doing right now. */
export interface JobStatus {
  readonly job: string;
  readonly state: JobState;
  readonly startedAtMs: number;
  readonly epoch: number;
  readonly operators: readonly OperatorStatus[];
  readonly lastCheckpoint: CheckpointStatus | undefined;
  /** Checkpoints committed since this start. */
  readonly checkpoints: number;
  /** The error a failed job ended with. */
  readonly error: unknown;
}

/** A job as its observers see it. */
export interface LiveJob {
  readonly job: string;
  status(): JobStatus;
}
