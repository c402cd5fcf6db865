import type { Batch, Fields, Schema } from '@sabot/columnar';

/** What a sink needs to finish or roll back an epoch; a small JSON value kept in the commit record. */
export type PreparedCommit = Readonly<Record<string, string | number | boolean | null>>;

export interface SinkContext<F extends Fields = Fields> {
  readonly sinkId: string;
  readonly schema: Schema<F>;
  /** The prepared value of the last committed epoch, or undefined on a fresh start: everything after it is discarded. */
  readonly committed: PreparedCommit | undefined;
  readonly signal: AbortSignal;
}

/** An opened sink. Called by one task, in order. */
export interface SinkWriter {
  /** Accepts a batch; the promise is the backpressure. Nothing written is visible or final before `commit`, if the sink is transactional. */
  write(batch: Batch): void | Promise<void>;
  /** Makes everything written since the last call durable (not yet final) and returns what `commit` or a restart needs. */
  prepare(epoch: number): Promise<PreparedCommit>;
  /** Called after the commit record is durable; repeated after a crash between the two; must be idempotent. */
  commit(prepared: PreparedCommit): Promise<void>;
  /** Ends the sink; `finished` when the stream ended and its last epoch is committed. */
  close(finished: boolean): Promise<void>;
}

/** Somewhere to write to. `guarantee` says what the sink gives under a crash; it is printed by `explain`. */
export interface Sink<F extends Fields = Fields> {
  readonly name: string;
  readonly guarantee: 'exactly-once' | 'at-least-once' | 'none';
  open(context: SinkContext<F>): Promise<SinkWriter>;
}
