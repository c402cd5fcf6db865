import type { Batch, Fields, RowOf } from '@sabot/columnar';
import type { StateDescriptors, StatesOf } from '@sabot/state';
import type { Clock, OperatorContext } from '@sabot/stream';

/** What an agent knows when it starts and stops. */
export interface AgentLifeContext {
  readonly agent: string;
  /** Its id inside the job. */
  readonly operatorId: string;
  readonly clock: Clock;
  /** Aborted when the task is cancelled. */
  readonly signal: AbortSignal;
  /** 0 on the first start of this process, then the number of restarts. */
  readonly restarts: number;
}

export interface AgentStopContext<R> extends AgentLifeContext {
  readonly resources: R;
}

/** What a handler works with. The same object for every row: keep nothing of it beyond the handler. */
export interface AgentContext<Out extends Fields, D extends StateDescriptors, R> extends AgentLifeContext {
  /** The states of the current key; without `key`, the agent's one set of states. */
  readonly state: StatesOf<D>;
  /** What `onStart` returned. */
  readonly resources: R;
  /** Puts out a row when the batch has succeeded; a batch that fails puts out nothing. */
  emit(row: RowOf<Out>): void;
  /** Stops the agent after this batch; what happens then is up to `supervision.restart`. */
  stop(): void;
  /** The trace of the batch, to hand on to whatever the handler calls. */
  readonly trace: OperatorContext['trace'];
}

/** The same for a handler of whole batches. */
export interface AgentBatchContext<Out extends Fields, D extends StateDescriptors, R> extends AgentContext<Out, D, R> {
  /** Makes the key of this row the current one, row 0's before the first call; `SABOT_AGENTS_ROW_OUT_OF_RANGE`. */
  at(row: number): void;
}

export type RowHandler<In extends Fields, Out extends Fields, D extends StateDescriptors, R> = (
  row: RowOf<In>,
  context: AgentContext<Out, D, R>,
) => void | Promise<void>;

export type BatchHandler<In extends Fields, Out extends Fields, D extends StateDescriptors, R> = (
  batch: Batch<In>,
  context: AgentBatchContext<Out, D, R>,
) => void | Promise<void>;
