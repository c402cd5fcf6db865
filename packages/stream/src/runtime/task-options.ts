import type { OpenStateStore, SnapshotStore } from '@sabot/state';
import type { Clock } from '../ports/clock.js';
import type { CommitRegister } from '../ports/commit-register.js';
import type { ExpressionMode } from '../ports/expression-mode.js';
import type { TaskDecorator } from '../ports/task-decorator.js';
import type { Turns } from '../ports/turns.js';

export const DEFAULT_TURN_MS = 8;
export const DEFAULT_BATCH_ROWS = 8192;

export interface CheckpointOptions {
  readonly register: CommitRegister;
  readonly snapshots: SnapshotStore;
  /** Time between the commit of one checkpoint and the beginning of the next, milliseconds. Default: only at the end and on drain. */
  readonly intervalMs?: number;
}

export interface StartJobOptions {
  /** Where the job commits; without it, a restart begins from the beginning, with empty state. */
  readonly checkpoint?: CheckpointOptions;
  /** Opens the keyed state of an operator; default in memory. The job closes it. */
  readonly stateStore?: (operatorId: string) => OpenStateStore | Promise<OpenStateStore>;
  /** Telemetry and the like; see `instrumentStream`. */
  readonly decorators?: readonly TaskDecorator[];
  /** How filters and projections run: compiled to code where that is allowed (`auto`, the default), or interpreted. */
  readonly expressions?: ExpressionMode;
  readonly clock?: Clock;
  /** Cancels the job: nothing further is committed. */
  readonly signal?: AbortSignal;
  /** What a channel between two chains holds before its producer waits; default 4 MiB. */
  readonly channelBytes?: number;
  /** The same in rows, times what a row of the schema takes (32 bytes for a text); used where `channelBytes` is not given. */
  readonly channelRows?: number;
  /** Rows per batch of sources whose stream does not say; default 8192. */
  readonly batchRows?: number;
  /**
   * Into how many lanes keys are divided; each has its own instance of every operator that can be spread, and its share
   * of the sources' splits. Fixed once anything has been committed. Default what the job has had, else 1, or 12 where
   * `parallelism` is given.
   */
  readonly lanes?: number;
  /**
   * How many threads run the lanes, the main one among them; default 1. Above 1 the job has to be a `jobModule`. May be
   * another one at each start: lanes move between threads as they are.
   */
  readonly parallelism?: number;
  /** Names this run in commit records; default a random name. */
  readonly owner?: string;
  /**
   * What the job may hold in memory, mebibytes: state, channels, batches on their way; each thread has an equal share. From
   * four fifths of it on sources are not read; if that does not help, the job fails with `SABOT_STREAM_MEMORY_EXCEEDED`.
   * Default no limit but that of every channel. Keyed state in an LMDB store does not count, nor do columns' spare room.
   */
  readonly maxMemoryMb?: number;
  /** In what order chains get their turns; default first come, first served. See `startSeededJob` in `./testing`. */
  readonly turns?: Turns;
  /** How long one turn on the event loop may take before others get theirs; default 8. */
  readonly turnMs?: number;
}

/** How a job ended, and what it did since it was started. */
export interface JobResult {
  readonly job: string;
  readonly state: 'finished' | 'drained' | 'cancelled';
  /** The last committed epoch. */
  readonly epoch: number;
  /** Rows read from sources and written to sinks since this start. */
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly lateRows: number;
  readonly durationMs: number;
}

export interface DrainOptions {
  /** How long to wait for what is under way before the job is cancelled; default 10,000. */
  readonly deadlineMs?: number;
}

/** What one of so many threads may hold, bytes. */
export function memoryShare(
  { maxMemoryMb }: Pick<StartJobOptions, 'maxMemoryMb'>,
  threads: number,
): number | undefined {
  return maxMemoryMb === undefined ? undefined : (maxMemoryMb * 1_048_576) / threads;
}
