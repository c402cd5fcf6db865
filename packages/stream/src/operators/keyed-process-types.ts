import type { Fields, RowOf, Schema } from '@sabot/columnar';
import type { StateDescriptors, StatesOf } from '@sabot/state';

/** Timers of one key; each (key, time) is kept once, fires in time order and survives checkpoints. */
export interface KeyTimers {
  /** Calls `onTimer` when the watermark reaches this time, epoch milliseconds. */
  eventTime(timeMs: number): void;
  /** Takes the timer back; does nothing if there is none. */
  cancelEventTime(timeMs: number): void;
  /** Calls `onProcessingTimer` when the clock reaches this time, epoch milliseconds, or the stream ends before. */
  processingTime(timeMs: number): void;
  /** Takes the timer back; does nothing if there is none. */
  cancelProcessingTime(timeMs: number): void;
}

/** What a function of `process` works with; valid during the call. */
export interface KeyedContext<Out extends Fields, S extends StateDescriptors> {
  /** The states of the current key. */
  readonly state: StatesOf<S>;
  readonly timer: KeyTimers;
  /** The event time of the row or timer, epoch milliseconds; -Infinity for rows of a stream without time. */
  readonly timeMs: number;
  /** The watermark before the current batch, epoch milliseconds. */
  readonly watermarkMs: number;
  /** The clock, epoch milliseconds. */
  readonly nowMs: number;
  /** Appends one row to the output. */
  readonly emit: (row: RowOf<Out>) => void;
}

/** A keyed function: what it gives, what it keeps per key, and what it does with rows and timers. */
export interface KeyedProcess<
  F extends Fields,
  K extends keyof F & string,
  Out extends Fields,
  S extends StateDescriptors,
> {
  /** Stable id: state is kept under it. */
  readonly name: string;
  /** The columns that the functions see; default all of the stream's. */
  readonly input?: Schema;
  readonly output: Schema<Out>;
  /** Time column of the output; default the input's, if the output has it. */
  readonly eventTime?: keyof Out & string;
  readonly state: S;
  /** Called for every row in order. The row is a view that moves on: do not keep it. */
  onRow(row: RowOf<F>, context: KeyedContext<Out, S>): void;
  /** Called when a timer of a key is due; `key` holds the key columns' values. */
  onTimer?(timeMs: number, key: RowOf<Pick<F, K>>, context: KeyedContext<Out, S>): void;
  /** Called when a timer of processing time of a key is due. */
  onProcessingTimer?(timeMs: number, key: RowOf<Pick<F, K>>, context: KeyedContext<Out, S>): void;
}

/** A definition in a place of its own, with the columns it reads and the key it works by. */
export interface KeyedProcessDefinition<
  F extends Fields,
  K extends keyof F & string,
  Out extends Fields,
  S extends StateDescriptors,
> extends KeyedProcess<F, K, Out, S> {
  readonly input: Schema<F>;
  /** The key column, or several in the order of `keyBy`. */
  readonly key: K | readonly K[];
}

/**
 * A keyed function that can be given to `process` of any stream with these columns that is keyed so.
 *
 * @example
 * const totals = keyedProcess({
 *   name: 'totals', input: flightSchema, key: 'origin', output: totalsSchema,
 *   state: { flights: valueState(float64Codec, { initial: () => 0 }) },
 *   onRow(row, { state, emit }) { … },
 * });
 */
export function keyedProcess<
  F extends Fields,
  const K extends keyof F & string,
  Out extends Fields,
  S extends StateDescriptors,
>(definition: KeyedProcessDefinition<F, K, Out, S>): KeyedProcessDefinition<F, K, Out, S> {
  return definition;
}
