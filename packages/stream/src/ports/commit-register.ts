import type { PreparedCommit } from './sink.js';
import type { SplitPosition } from './source.js';

/** A task's last committed point: one small record that advances by compare-and-set. */
export interface CommitRecord {
  readonly version: 1;
  readonly job: string;
  readonly task: string;
  /** Grows by one with each owner (a fence) and with each checkpoint. */
  readonly epoch: number;
  readonly owner: string;
  /** Tells this attempt to commit from every other, also of the same owner and epoch: how a read-back knows its own. */
  readonly attempt?: string;
  /** How many lanes the job has; absent: one. Fixed as soon as anything has been committed. */
  readonly lanes?: number;
  /** Source operator id → split id → position after the last committed batch. */
  readonly positions: Readonly<Record<string, Readonly<Record<string, SplitPosition>>>>;
  /** Per source operator and split: the watermark, epoch milliseconds; null stands for −∞, "end" for +∞. */
  readonly watermarks: Readonly<Record<string, Readonly<Record<string, number | 'end' | null>>>>;
  /** Names in the snapshot store, a full one first, then its deltas. */
  readonly snapshots: readonly string[];
  readonly sinks: Readonly<Record<string, PreparedCommit>>;
  /** Fingerprint of the plan: operator ids and state schemas. */
  readonly layout: string;
  /** All sources have ended and everything is final. */
  readonly finished: boolean;
  /** W3C traceparent of the checkpoint span, so that a restart links to it. */
  readonly trace?: string;
  readonly committedAtMs: number;
}

/** A record as read, with the revision that the next write must expect. */
export interface CommittedRecord {
  readonly record: CommitRecord;
  readonly revision: number;
}

/** One task's register. Whoever advances it owns the task; everybody older fails with `FENCED`. */
export interface CommitRegister {
  read(): Promise<CommittedRecord | undefined>;
  /**
   * Durable when it resolves with the new revision. `expected` is the revision read or written last (0: must not exist).
   * Rejects with code `SABOT_STREAM_FENCED` when somebody else has advanced it.
   */
  advance(record: CommitRecord, expected: number): Promise<number>;
}
