import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { OpenStateStore, SnapshotStore } from '@sabot/state';
import type { CommitRegister } from './commit-register.js';
import type { LiveJob } from './live-job.js';
import type { Operator } from './operator.js';
import type { TracedBatch } from './signal.js';
import type { SinkWriter } from './sink.js';
import type { SourceReader } from './source.js';

/** Who is being decorated. All values are bounded: they are labels. */
export interface OperatorMeta {
  readonly job: string;
  readonly operatorId: string;
  /** `source`, `sink`, `stateless`, or the kind of the operator's spec. */
  readonly kind: string;
  readonly chain: string;
  /** Which of the job's lanes this instance works in; absent when there is only one instance. */
  readonly lane?: number;
  readonly facts: Readonly<Record<string, string>>;
  /** The columns that tell rows apart when the main output is a changelog. Not a label. */
  readonly changelogKey?: readonly string[] | undefined;
}

/** A chain of synchronous operators; named after the one at its head. */
export interface ChainMeta {
  readonly job: string;
  readonly chain: string;
  /** Which of the job's lanes this instance works in; absent when there is only one instance. */
  readonly lane?: number;
  /** Whether a source is at the head: its batches begin a trace unless they carry one. */
  readonly source: boolean;
}

/** The way of one batch through one chain. */
export interface BatchScope {
  /** What batches emitted on the way carry on. */
  readonly trace?: TraceContext | undefined;
  end(error?: unknown): void;
}

/** What became of one checkpoint. */
export interface CheckpointFacts {
  readonly epoch: number;
  /** From the barrier's injection to the last sink's prepare. */
  readonly alignmentMs: number;
  readonly snapshotBytes: number;
  readonly final: boolean;
}

export interface CheckpointScope {
  readonly trace?: TraceContext | undefined;
  end(facts: CheckpointFacts, error?: unknown): void;
}

/**
 * How telemetry reaches a running job: wraps what the runtime opens and is told of batches and checkpoints.
 * The runtime imports no telemetry; without decorators nothing is wrapped and nothing is paid.
 */
export interface TaskDecorator {
  operator?(operator: Operator, meta: OperatorMeta): Operator;
  source?(reader: SourceReader, meta: OperatorMeta): SourceReader;
  sink?(writer: SinkWriter, meta: OperatorMeta): SinkWriter;
  stateStore?(store: OpenStateStore, meta: OperatorMeta): OpenStateStore;
  snapshots?(store: SnapshotStore): SnapshotStore;
  register?(register: CommitRegister): CommitRegister;
  /** Around the way of one batch through one chain. */
  beginBatch?(meta: ChainMeta, element: TracedBatch): BatchScope;
  beginCheckpoint?(job: string, epoch: number): CheckpointScope;
  /** Told when the job is ready to run; `remove` when it has ended: for callbacks over `status()`. */
  job?(live: LiveJob): { remove(): void };
}
