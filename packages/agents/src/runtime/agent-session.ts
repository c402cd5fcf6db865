/**
 * One batch of an agent, all or nothing.
 *
 * Algorithm: `run` hands the rows to the handler one after another, with a cursor and no promise per row, and goes on
 * asynchronously from the first handler that returns one. Typed states change objects in a cache over a store with an
 * undo log; `commit` flushes the cache and forgets the log, `rollback` forgets the cache and plays the log back.
 * `runEach` is the careful second pass after a failure: it commits row by row and gives the rows that fail away.
 * State: the cache of typed states; between batches everything is in the store.
 * Correctness: rows are handled in order, never two at a time. What a failed batch emitted is dropped with its state.
 * Cost per batch: one key look-up per row, one store write per key that changed.
 */
import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  createRowCursor,
  type Fields,
  type RowCursor,
  type RowOf,
  selectColumns,
} from '@sabot/columnar';
import { bindStates, type StateBinding, type StateDescriptors } from '@sabot/state';
import { createRowKeys, type OperatorContext, type RowKeys } from '@sabot/stream';
import type { AgentBatchContext, AgentStopContext, BatchHandler, RowHandler } from '../agent/agent-context.js';
import type { Agent } from '../agent/define-agent.js';
import { agentsErrors } from '../errors.js';
import { createUndoStore, type UndoStore } from './undo-store.js';

/** Told of a row that failed in the careful pass. */
export type RowFailure = (batch: Batch, row: number, error: unknown) => void;

export class AgentSession {
  /** Set by the operator while the agent is running. */
  resources: unknown;
  stopRequested = false;
  private readonly agent: Agent;
  private readonly keys: RowKeys;
  private readonly cursor: RowCursor<Fields>;
  private readonly undo: UndoStore | undefined;
  private readonly binding: StateBinding<StateDescriptors> | undefined;
  private readonly context: AgentBatchContext<Fields, StateDescriptors, unknown>;
  /** Whether rows have keys of their own: else the one key is set when a batch is opened. */
  private readonly keyed: boolean;
  private emitted: BatchBuilder<Fields>;
  private batch: Batch | undefined;

  constructor(agent: Agent, operator: OperatorContext, restarts: () => number) {
    this.agent = agent;
    this.keys = createRowKeys(agent.input, agent.key);
    this.cursor = createRowCursor(agent.input);
    this.emitted = createBatchBuilder(agent.output);
    if (Object.keys(agent.state).length > 0) {
      this.undo = createUndoStore(operator.state());
      this.binding = bindStates(this.undo, agent.state);
    }
    this.keyed = this.binding !== undefined && agent.key.length > 0;
    this.context = this.contextFor(operator, restarts);
  }

  /** What `onStart` and `onStop` see. */
  get life(): AgentStopContext<unknown> {
    return this.context;
  }

  /** Throws, or rejects, what the handler throws; nothing is committed yet. */
  run(input: Batch): void | Promise<void> {
    const batch = this.open(input);
    const { onRow, onBatch } = this.agent.handlers;
    if (onRow !== undefined) return this.rows(batch, 0, onRow);
    const waiting = (onBatch as BatchHandler<Fields, Fields, StateDescriptors, unknown>)(batch, this.context);
    return isPromise(waiting) ? waiting : undefined;
  }

  /** Handles row by row, commits each, and tells of those that fail; returns their number. */
  async runEach(input: Batch, failed: RowFailure): Promise<number> {
    const batch = this.open(input);
    const onRow = this.agent.handlers.onRow as RowHandler<Fields, Fields, StateDescriptors, unknown>;
    const kept = createBatchBuilder(this.agent.output);
    let failures = 0;
    let stop = false;
    for (let row = 0; row < batch.numRows; row++) {
      try {
        const waiting = this.row(row, onRow);
        if (isPromise(waiting)) await waiting;
        this.commit();
        stop ||= this.stopRequested;
        if (this.emitted.numRows > 0) kept.appendBatch(this.emitted.finish());
      } catch (error) {
        this.rollback();
        failures++;
        failed(input, row, error);
      }
    }
    this.emitted = kept;
    this.stopRequested = stop;
    return failures;
  }

  /** Makes the state changes of the batch last; may throw what a codec throws. */
  commit(): void {
    this.binding?.flush();
    this.undo?.commit();
  }

  /** Takes back everything since the last commit. */
  rollback(): void {
    this.binding?.reset();
    this.undo?.rollback();
    // A builder that threw in the middle of a row is of no more use.
    this.emitted = createBatchBuilder(this.agent.output);
    this.stopRequested = false;
  }

  /** The rows emitted since the last call, or undefined. */
  takeEmitted(): Batch | undefined {
    this.batch = undefined;
    return this.emitted.numRows === 0 ? undefined : this.emitted.finish();
  }

  private open(input: Batch): Batch {
    const batch = selectColumns(input, this.agent.input.names);
    this.cursor.open(batch);
    this.batch = batch;
    if (this.binding !== undefined && batch.numRows > 0) {
      this.keys.open(batch);
      this.selectKey(0);
    }
    return batch;
  }

  private rows(
    batch: Batch,
    from: number,
    onRow: RowHandler<Fields, Fields, StateDescriptors, unknown>,
  ): void | Promise<void> {
    for (let row = from; row < batch.numRows; row++) {
      const waiting = this.row(row, onRow);
      if (isPromise(waiting)) return this.rowsAfter(waiting, batch, row + 1, onRow);
    }
  }

  private async rowsAfter(
    waiting: Promise<void>,
    batch: Batch,
    from: number,
    onRow: RowHandler<Fields, Fields, StateDescriptors, unknown>,
  ): Promise<void> {
    await waiting;
    for (let row = from; row < batch.numRows; row++) {
      const next = this.row(row, onRow);
      if (isPromise(next)) await next;
    }
  }

  private row(row: number, onRow: RowHandler<Fields, Fields, StateDescriptors, unknown>): void | Promise<void> {
    this.cursor.row = row;
    if (this.keyed) this.selectKey(row);
    return onRow(this.cursor.value, this.context);
  }

  private selectKey(row: number): void {
    this.keys.select(row);
    this.binding?.setKey(this.keys.buffer, 0, this.keys.length);
  }

  private contextFor(
    operator: OperatorContext,
    restarts: () => number,
  ): AgentBatchContext<Fields, StateDescriptors, unknown> {
    const session = this;
    return {
      agent: this.agent.name,
      operatorId: operator.operatorId,
      clock: operator.clock,
      signal: operator.signal,
      state: this.binding?.states ?? {},
      get restarts() {
        return restarts();
      },
      get resources() {
        return session.resources;
      },
      emit: (row) => session.emit(row),
      stop: () => {
        session.stopRequested = true;
      },
      trace: () => operator.trace(),
      at: (row) => session.at(row),
    };
  }

  private emit(row: RowOf<Fields>): void {
    if (this.batch === undefined) throw outsideBatch(this.agent.name, 'emit');
    this.emitted.append(row);
  }

  private at(row: number): void {
    if (this.batch === undefined) throw outsideBatch(this.agent.name, 'at');
    if (!(row >= 0 && row < this.batch.numRows)) {
      throw agentsErrors.error('ROW_OUT_OF_RANGE', {
        what: `agent "${this.agent.name}" cannot use the state of row ${row}`,
        why: `the batch has ${this.batch.numRows} rows`,
      });
    }
    if (this.keyed) this.selectKey(row);
  }
}

function isPromise(value: unknown): value is Promise<void> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function outsideBatch(agent: string, what: string): Error {
  return agentsErrors.error('NOT_STARTED', {
    what: `agent "${agent}" called ${what}`,
    why: 'no batch is being handled',
  });
}
