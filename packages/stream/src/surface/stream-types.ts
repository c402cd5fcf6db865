import type { Batch, Fields, RowOf, Schema } from '@sabot/columnar';
import type { ColumnRefs, Expr, ExprFields } from '@sabot/columnar/expressions';
import type { AggregateBuilder, AggregateFields, AggregateSpec } from '@sabot/columnar/kernels';
import type { Dictionary } from '@sabot/columnar/types';
import type { StateDescriptors } from '@sabot/state';
import type { Changed } from '../changelog/change-kind.js';
import type { AsyncCall } from '../operators/async/async-map.js';
import type { DeadLetterFields } from '../operators/failures/dead-letter.js';
import type { BroadcastProcess } from '../operators/keyed/broadcast-process.js';
import type { KeyedProcess } from '../operators/keyed-process-types.js';
import type { RebatchOptions } from '../operators/rebatch.js';
import type { RowDraft } from '../operators/rows/row-draft.js';
import type { WindowResultsMode } from '../operators/window-settings.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import type { SinkNode } from '../plan/plan-node.js';
import type { Condition } from '../plan/stateless-step.js';
import type { Sink } from '../ports/sink.js';
import type { ClockWindow, CountWindow, GlobalWindow, TimeWindow } from '../time/window-spec.js';
import type {
  AsyncMapOptions,
  BoundColumns,
  DeduplicateOptions,
  Flat,
  MapOptions,
  NamedOptions,
  Predicate,
  Ranked,
  Replaced,
  RowOptions,
  Selection,
  StreamRef,
  StreamTime,
  TableOptions,
  TopNOptions,
  ToStreamOptions,
  WindowBoundary,
  WindowOptions,
} from './stream-options.js';

/**
 * A described flow of batches with columns `F`: nothing runs until a job with its sinks is started.
 * Every method gives a new stream and leaves this one as it is; one stream may be read any number of times.
 */
export interface Stream<F extends Fields = Fields, out T extends StreamTime = StreamTime> extends StreamRef {
  readonly schema: Schema<F>;
  /** Phantom: makes streams with and without time different types. */
  readonly time?: T;
  /** Keeps the rows for which the condition is true (not null). */
  filter(predicate: Predicate<F>, options?: NamedOptions): Stream<F, T>;
  /** Exactly these columns: computed, or kept by name. */
  select<const E extends Selection>(
    columns: (columns: ColumnRefs<F>) => E,
    options?: NamedOptions,
  ): Stream<ExprFields<E>, T>;
  select<N extends keyof F & string>(columns: readonly N[], options?: NamedOptions): Stream<Pick<F, N>, T>;
  /** All columns and these, which replace those of the same name. */
  withColumns<const E extends Selection>(
    columns: (columns: ColumnRefs<F>) => E,
    options?: NamedOptions,
  ): Stream<Replaced<F, ExprFields<E>>, T>;
  /** The same rows, seen per key: what windows and keyed state work on. */
  keyBy<const K extends keyof F & string>(...columns: readonly [K, ...K[]]): KeyedStream<F, K, T>;
  /** The rows of this and the other streams, which must have the same schema, in arrival order. */
  union(others: readonly Stream<F, T>[], options?: NamedOptions): Stream<F, T>;
  /** One stream per branch; a row goes to the first branch whose condition is true, else to `rest`. */
  split<const B extends Readonly<Record<string, Predicate<F>>>>(
    branches: B,
    options?: NamedOptions,
  ): { readonly [N in (keyof B & string) | 'rest']: Stream<F, T> };
  /**
   * One row out of each: the function reads a row and sets the columns of the draft. Both are views that move on: keep
   * values, not the objects. A column that is not set is null.
   */
  map<Out extends Fields, const O extends MapOptions<Out> = Record<never, never>>(
    output: Schema<Out>,
    fill: (row: RowOf<F>, draft: RowDraft<Out>) => void,
    options?: O,
  ): RowResults<Out, T, F, O>;
  /** As `map`, with any number of rows out of each: `emit` appends the draft as it stands. */
  flatMap<Out extends Fields, const O extends MapOptions<Out> = Record<never, never>>(
    output: Schema<Out>,
    fill: (row: RowOf<F>, draft: RowDraft<Out>, emit: () => void) => void,
    options?: O,
  ): RowResults<Out, T, F, O>;
  /** The batch that the function makes of each; how rows are cut into batches is not to be relied on. */
  mapBatches<Out extends Fields, const O extends MapOptions<Out> = Record<never, never>>(
    output: Schema<Out>,
    convert: (batch: Batch<F>) => Batch<Out>,
    options?: O,
  ): RowResults<Out, T, F, O>;
  /**
   * The row that an asynchronous function makes of each, several at a time: look-ups, requests. A row is an object of its
   * own; after a restart, rows since the last checkpoint are asked for again.
   */
  asyncMap<Out extends Fields, const O extends AsyncMapOptions<Out> = Record<never, never>>(
    output: Schema<Out>,
    call: (row: RowOf<F>, call: AsyncCall) => Promise<RowOf<Out>> | RowOf<Out>,
    options?: O,
  ): RowResults<Out, T, F, O>;
  /** Groups all rows by event time. Does not compile on a stream without event time. */
  window<M extends WindowResultsMode = 'accumulating'>(
    this: Stream<F, 'event-time'>,
    window: TimeWindow,
    options?: WindowOptions<M>,
  ): WindowedStream<F, never, WindowBoundary, 'event-time', M>;
  /** Groups all rows by the clock: results have bounds, and no event time. */
  window<M extends WindowResultsMode = 'accumulating'>(
    window: ClockWindow,
    options?: WindowOptions<M>,
  ): WindowedStream<F, never, WindowBoundary, 'no-time', M>;
  /** Groups all rows by their number, or just all: results have no bounds and no time. */
  window<M extends WindowResultsMode = 'accumulating'>(
    window: GlobalWindow | CountWindow,
    options?: WindowOptions<M>,
  ): WindowedStream<F, never, never, 'no-time', M>;
  /** The first rows in an order, over all rows so far, as a table with a column `rank`. */
  topN(options: TopNOptions<F>): Table<Ranked<F>, 'rank', T>;
  /** The same rows in batches of another size; rows wait at most `maxDelayMs` for others. */
  rebatch(size: RebatchOptions, options?: NamedOptions): Stream<F, T>;
  /** Calls the function with every batch on its way; the batch goes on unchanged. */
  tap(observe: (batch: Batch<F>) => void, options?: NamedOptions): Stream<F, T>;
  /** Any operator over this stream and others, in this order of inputs. */
  apply<Out extends Fields, OutTime extends StreamTime = T>(
    spec: OperatorSpec<Out>,
    ...others: readonly StreamRef[]
  ): AppliedStream<Out, OutTime>;
  /** The plan of this stream before and after its rewrites, in text. */
  explain(): string;
  /**
   * Runs the stream alone, without checkpoints: the batches, as fast as the loop takes them. Leaving the loop cancels the
   * run; what fails the run is thrown.
   */
  [Symbol.asyncIterator](): AsyncIterator<Batch<F>>;
  /** Ends this stream in a sink; give the result to `defineJob`. */
  to(sink: Sink<F>, options?: NamedOptions): SinkNode;
}

/** The results of a row operator; with `onError: 'deadLetter'` the refused rows stand beside them. */
export type RowResults<Out extends Fields, T extends StreamTime, In extends Fields, O extends RowOptions> = O extends {
  readonly onError: 'deadLetter';
}
  ? CheckedStream<Out, T, In>
  : Stream<Out, T>;

/** A stream, and beside it the rows that its operator refused. */
export interface CheckedStream<F extends Fields, T extends StreamTime, In extends Fields> extends Stream<F, T> {
  /** The refused input rows, each with the operator, the error's code and message, the trace and the time. */
  readonly deadLetters: Stream<DeadLetterFields<In>, T>;
}

/** The main output of an operator that may have others beside it. */
export interface AppliedStream<F extends Fields = Fields, T extends StreamTime = StreamTime> extends Stream<F, T> {
  /** A side output by its name in the operator's spec. */
  side<S extends Fields = Fields>(name: string): Stream<S, T>;
}

/** A stream seen per key. */
export interface KeyedStream<F extends Fields, K extends keyof F & string, out T extends StreamTime> {
  readonly stream: Stream<F, T>;
  readonly keys: readonly K[];
  /** Groups rows of equal keys by event time. Does not compile on a stream without event time. */
  window<M extends WindowResultsMode = 'accumulating'>(
    this: KeyedStream<F, K, 'event-time'>,
    window: TimeWindow,
    options?: WindowOptions<M>,
  ): WindowedStream<F, K, WindowBoundary, 'event-time', M>;
  /** Groups rows of equal keys by the clock: results have bounds, and no event time. */
  window<M extends WindowResultsMode = 'accumulating'>(
    window: ClockWindow,
    options?: WindowOptions<M>,
  ): WindowedStream<F, K, WindowBoundary, 'no-time', M>;
  /** Groups rows of equal keys by their number, or all of them: results have no bounds and no time. */
  window<M extends WindowResultsMode = 'accumulating'>(
    window: GlobalWindow | CountWindow,
    options?: WindowOptions<M>,
  ): WindowedStream<F, K, never, 'no-time', M>;
  /** The first row of each key, for ever: its state grows with the keys. */
  deduplicate(options?: NamedOptions): Stream<F, T>;
  /** The first row of each key within a time; rows that are too far behind to tell go to `late`. */
  deduplicate(
    this: KeyedStream<F, K, 'event-time'>,
    options: DeduplicateOptions & { readonly withinMs: number },
  ): WindowResults<F, F>;
  /**
   * Folds the rows of a key into one and gives it out after each: the function changes the total by the row. The first
   * row of a key is its first total. Both are views: keep values, not the objects.
   */
  reduce<const O extends RowOptions = Record<never, never>>(
    fold: (total: RowDraft<F>, row: RowOf<F>) => void,
    options?: O,
  ): RowResults<F, T, F, O>;
  /** Aggregates of all rows of a key so far: a table that changes at most once per key and batch. */
  aggregate<const A extends Readonly<Record<string, AggregateSpec>>>(
    build: (aggregates: AggregateBuilder<F>) => A,
    options?: NamedOptions,
  ): Table<Flat<{ readonly [N in K]: F[N] } & AggregateFields<A>>, K, 'no-time'>;
  /** The latest row of each key, by event time; rows that are older than the latest go to `late`. */
  toTable(
    this: KeyedStream<F, K, 'event-time'>,
    options: TableOptions<F> & { readonly versioned: true },
  ): VersionedTable<F, K>;
  /** The latest row of each key, by arrival. */
  toTable(options?: TableOptions<F> & { readonly versioned?: false }): Table<F, K, T>;
  /** The first rows of each key in an order, as a table with a column `rank`. */
  topN(options: TopNOptions<F>): Table<Ranked<F>, K | 'rank', T>;
  /** A function per row with keyed state and timers. */
  process<Out extends Fields, S extends StateDescriptors>(definition: KeyedProcess<F, K, Out, S>): Stream<Out, T>;
  /**
   * A function per row with keyed state and timers, and with states that every key sees and the rows of another stream
   * change: rules, thresholds, rates. A control stream without event time holds watermarks back until it has ended.
   */
  broadcast<B extends Fields, Out extends Fields, S extends StateDescriptors, D extends StateDescriptors>(
    control: Stream<B>,
    definition: BroadcastProcess<F, K, B, Out, S, D>,
  ): Stream<Out, T>;
}

/** A table, and beside it the rows that were older than what it had. */
export interface VersionedTable<F extends Fields, K extends keyof F & string> extends Table<F, K, 'event-time'> {
  readonly late: Stream<F, 'event-time'>;
}

/** Rows grouped by window, and by key if there is one. */
export interface WindowedStream<
  F extends Fields,
  K extends keyof F & string,
  B extends WindowBoundary,
  T extends StreamTime,
  M extends WindowResultsMode,
> {
  /** One row per key and window whenever the window comes out. */
  aggregate<const A extends Readonly<Record<string, AggregateSpec>>>(
    build: (aggregates: AggregateBuilder<F>) => A,
    options?: NamedOptions,
  ): WindowOutcome<WindowRow<F, K, B, AggregateFields<A>>, K | B, T, M, F>;
  /**
   * The rows of a window folded into one: the function changes the total, which the first row is, by each further row.
   * The row is a view: keep values, not the object.
   */
  reduce(
    fold: (total: RowDraft<F>, row: RowOf<F>) => void,
    options?: NamedOptions,
  ): WindowOutcome<WindowRow<F, K, B, Omit<F, K>>, K | B, T, M, F>;
  /** Any number of rows made of all rows of a window, which are kept until then. Not for `retracting` results. */
  process<Out extends Fields>(
    this: M extends 'retracting' ? never : WindowedStream<F, K, B, T, M>,
    output: Schema<Out>,
    convert: (rows: readonly RowOf<F>[], emit: (row: RowOf<Out>) => void) => void,
    options?: NamedOptions,
  ): WindowOutcome<WindowRow<F, K, B, Out>, K | B, T, M, F>;
}

/** Keys, bounds if there are any, and what was computed. */
type WindowRow<F extends Fields, K extends keyof F, B extends WindowBoundary, Computed> = Flat<
  { readonly [N in K]: F[N] } & ([B] extends [never] ? unknown : BoundColumns) & Computed
>;

/** A stream of results, or with `retracting` a table of them; rows that came too late beside it. */
type WindowOutcome<Out, Key, T extends StreamTime, M extends WindowResultsMode, In extends Fields> = Out extends Fields
  ? [M] extends ['retracting']
    ? WindowTable<Out, Key & keyof Out & string, T, In>
    : WindowResults<Out, In, T>
  : never;

/** Results of windows, and beside them the rows that came too late. */
export interface WindowResults<Out extends Fields, In extends Fields, T extends StreamTime = 'event-time'>
  extends Stream<Out, T> {
  /** Input rows that came after their window had been cleaned up. */
  readonly late: Stream<In, 'event-time'>;
}

/** Results of windows as a table that changes, and beside it the rows that came too late. */
export interface WindowTable<Out extends Fields, K extends keyof Out & string, T extends StreamTime, In extends Fields>
  extends Table<Out, K, T> {
  readonly late: Stream<In, 'event-time'>;
}

/** The sink itself, if it is one of columns with `$change`: one of append-only rows would take changes for new rows. */
type KnowsChanges<S> = S extends Sink<infer G> ? ('$change' extends keyof G ? S : never) : never;

/**
 * A described table that changes: a flow of changes (`+I`, `-U` with its `+U`, `-D`) to rows that the columns `K` tell
 * apart. What each row does stands in `$change`, which every operation keeps; a table is no `Stream`, so that nothing
 * takes a change for a new row.
 */
export interface Table<F extends Fields, K extends keyof F & string, out T extends StreamTime = StreamTime>
  extends StreamRef {
  readonly schema: Schema<Changed<F>>;
  /** The columns that tell rows apart. */
  readonly changelogKey: readonly K[];
  /** Phantom: makes tables with and without time different types. */
  readonly time?: T;
  /** The table of the rows for which the condition is true; a row that begins to fulfil it is inserted, one that ceases is deleted. */
  filter(predicate: (columns: ColumnRefs<F>) => Condition, options?: NamedOptions): Table<F, K, T>;
  /** Exactly these columns: computed, or kept by name; the key as it is must be among them. */
  select<const E extends Readonly<Record<string, Expr>> & { readonly [N in K]: Expr }>(
    columns: (columns: ColumnRefs<F>) => E,
    options?: NamedOptions,
  ): Table<ExprFields<E>, K & keyof ExprFields<E> & string, T>;
  /** All columns and these, which replace those of the same name. */
  withColumns<const E extends Readonly<Record<string, Expr>>>(
    columns: (columns: ColumnRefs<F>) => E,
    options?: NamedOptions,
  ): Table<Replaced<F, ExprFields<E>>, K & keyof Replaced<F, ExprFields<E>> & string, T>;
  /**
   * Every change as a row of an append-only stream, what it does (`+I`, `-U`, `+U`, `-D`) in a column of text, `change`
   * unless another name is given.
   */
  toStream<const C extends string = 'change'>(
    options?: ToStreamOptions<C>,
  ): Stream<Replaced<F, { readonly [N in C]: Dictionary<false> }>, T>;
  /** Any operator over this table and others; one that reads an input as a changelog says `takesChangelog`. */
  apply<Out extends Fields, OutTime extends StreamTime = T>(
    spec: OperatorSpec<Out>,
    ...others: readonly StreamRef[]
  ): AppliedStream<Out, OutTime>;
  /** Ends the table in a sink of its columns and `$change`; give the result to `defineJob`. */
  to<S extends Sink<Changed<F>>>(sink: KnowsChanges<S>, options?: NamedOptions): SinkNode;
}
