/**
 * An asynchronous function per row, several at a time.
 *
 * Algorithm: rows are started until as many are held as may be; results go out in the order of the rows, or as they come.
 * State: at most `concurrency` rows that have been started and not gone out.
 * Correctness: watermarks keep their place: no result goes past one, in whichever order. A barrier and the end wait until
 * nothing is held, so a checkpoint never has rows in flight, and after a restart they are started again.
 * Cost per batch: an object and a promise per row; results that are there at the same time go out as one batch.
 */
import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  type Fields,
  type RowOf,
  rowAt,
  type Schema,
} from '@sabot/columnar';
import { streamErrors } from '../../errors.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorContext, OperatorOutput, OperatorStats } from '../../ports/operator.js';
import type { Signal } from '../../ports/signal.js';
import { type Backoff, backoffMs, backoffOf, pause, type RetryOptions, withTimeout } from '../../time/backoff.js';
import { deadLetterOutput, type ErrorPolicy, FailedRows } from '../failures/failed-rows.js';
import { createOperatorStats } from '../operator-stats.js';
import { FlightQueue, type HeldRow } from './flight-queue.js';

/** What a call may look at. */
export interface AsyncCall {
  /** Aborted when the call has taken too long or the job ends. */
  readonly signal: AbortSignal;
  /** 1 for the first try of a row. */
  readonly attempt: number;
}

export interface AsyncMapSettings {
  readonly concurrency?: number;
  readonly ordered?: boolean;
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
}

export interface AsyncMapDescription extends AsyncMapSettings {
  readonly name: string | undefined;
  readonly input: Schema;
  readonly output: Schema;
  readonly eventTime: string | null | undefined;
  readonly onError: ErrorPolicy;
  readonly call: (row: RowOf<Fields>, call: AsyncCall) => Promise<RowOf<Fields>> | RowOf<Fields>;
}

interface AsyncMapStats extends OperatorStats {
  /** Calls that were given up. */
  timeouts: number;
}

/** Fails with `SABOT_STREAM_OPTION_INVALID`; side output `deadLetters` under that policy. */
export function asyncMapSpec(description: AsyncMapDescription): OperatorSpec {
  const { name, input, output, eventTime, onError, concurrency = 16, ordered = true, timeoutMs } = description;
  for (const [option, value] of Object.entries({ concurrency, timeoutMs })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot use ${option} ${value}`,
      why: 'it must be a whole number, at least 1',
    });
  }
  const backoff = backoffOf(description.retry);
  return {
    kind: 'async_map',
    ...(name === undefined ? {} : { name }),
    schema: output,
    ...(eventTime === undefined ? {} : { eventTime }),
    sideOutputs: deadLetterOutput(onError, input),
    async: true,
    distribution: 'local',
    describe: `${concurrency} at a time, ${ordered ? 'ordered' : 'unordered'}, ${timeoutMs === undefined ? 'no timeout' : `timeout ${timeoutMs} ms`}, tries ${backoff.attempts}, on error ${onError}`,
    create: () => new AsyncMap(description, concurrency, ordered, backoff),
  };
}

class AsyncMap implements Operator {
  readonly stats: AsyncMapStats = { ...createOperatorStats(), timeouts: 0 };
  readonly forwardsWatermarks = true;
  private readonly description: AsyncMapDescription;
  private readonly concurrency: number;
  private readonly backoff: Backoff;
  private readonly failed: FailedRows;
  private readonly builder: BatchBuilder<Fields>;
  private readonly queue: FlightQueue;
  private context!: OperatorContext;
  /** A step waits for something to settle: it lets results go itself. */
  private onSettled: (() => void) | undefined;
  private called = false;
  private closed = false;

  constructor(description: AsyncMapDescription, concurrency: number, ordered: boolean, backoff: Backoff) {
    this.description = description;
    this.concurrency = concurrency;
    this.backoff = backoff;
    this.failed = new FailedRows(description.onError, description.input, this.stats);
    this.builder = createBatchBuilder(description.output);
    this.queue = new FlightQueue(ordered);
  }

  open(context: OperatorContext): void {
    this.context = context;
    this.failed.open(context);
    context.signal.addEventListener('abort', () => this.onSettled?.(), { once: true });
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void | Promise<void> {
    for (let row = 0; row < batch.numRows; row++) {
      if (this.queue.held >= this.concurrency) return this.startFrom(row, batch, output);
      this.start(batch, row);
    }
  }

  onSignal(signal: Signal, output: OperatorOutput): void | Promise<void> {
    if (signal.kind === 'watermark' || signal.kind === 'idle') {
      this.queue.mark(signal);
      return this.release(output);
    }
    return this.drain(output);
  }

  /** Nothing: a barrier has waited until no row is in flight. */
  snapshot(): undefined {
    return undefined;
  }

  restore(): void {
    // Rows that were in flight come again from the source.
  }

  close(): void {
    this.closed = true;
    this.onSettled?.();
  }

  private async startFrom(first: number, batch: Batch, output: OperatorOutput): Promise<void> {
    for (let row = first; row < batch.numRows; row++) {
      while (this.queue.held >= this.concurrency) await this.progress(output);
      this.start(batch, row);
    }
  }

  private async drain(output: OperatorOutput): Promise<void> {
    this.release(output);
    while (this.queue.held > 0) await this.progress(output);
  }

  private async progress(output: OperatorOutput): Promise<void> {
    if (!this.queue.settled) {
      await new Promise<void>((resolve) => {
        this.onSettled = resolve;
      });
      this.onSettled = undefined;
    }
    this.context.signal.throwIfAborted();
    this.release(output);
  }

  private start(batch: Batch, row: number): void {
    const held: HeldRow = { batch, row, traceId: this.context.trace()?.traceId, outcome: undefined };
    this.queue.add(held);
    this.count();
    this.tried(rowAt(batch, row)).then(
      (result) => this.settle(held, { result }),
      (error: unknown) => this.settle(held, { error }),
    );
  }

  private async tried(row: RowOf<Fields>): Promise<RowOf<Fields>> {
    const { clock, signal } = this.context;
    const { call, timeoutMs } = this.description;
    for (let attempt = 1; ; attempt++) {
      try {
        const work = async (own: AbortSignal) => call(row, { signal: own, attempt });
        return await withTimeout(clock, timeoutMs, signal, work, () => this.late());
      } catch (error) {
        if (attempt >= this.backoff.attempts || signal.aborted) throw error;
        this.stats.retries++;
        await pause(clock, backoffMs(this.backoff, attempt), signal);
      }
    }
  }

  private late() {
    this.stats.timeouts++;
    return streamErrors.error('TIMED_OUT', {
      what: 'an asynchronous call was given up',
      why: `it took longer than ${this.description.timeoutMs} ms`,
    });
  }

  private settle(held: HeldRow, outcome: NonNullable<HeldRow['outcome']>): void {
    if (this.closed) return;
    this.queue.settle(held, outcome);
    if (this.onSettled !== undefined) this.onSettled();
    else if (!this.called) {
      this.called = true;
      this.context.callAt(Number.NEGATIVE_INFINITY, (_nowMs, output) => {
        this.called = false;
        this.release(output);
      });
    }
  }

  /** Lets everything go whose turn it is. A failure that ends the job does not wait for its turn. */
  private release(output: OperatorOutput): void {
    const { failure } = this.queue;
    if (failure !== undefined && this.failed.fatal) throw failure.error;
    for (let next = this.queue.next(); next !== undefined; next = this.queue.next()) {
      if ('kind' in next) {
        this.flush(output);
        output.signal(next);
      } else this.append(next);
    }
    this.flush(output);
    this.count();
  }

  private append(held: HeldRow): void {
    try {
      const outcome = held.outcome;
      if (outcome === undefined || 'error' in outcome) throw outcome?.error;
      this.builder.append(outcome.result);
    } catch (error) {
      this.failed.refuse(held.batch, held.row, error, held.traceId);
    }
  }

  private flush(output: OperatorOutput): void {
    if (this.builder.numRows > 0) output.emit(this.builder.finish());
    this.failed.flush(output);
  }

  private count(): void {
    this.stats.stateEntries = this.queue.held;
  }
}
