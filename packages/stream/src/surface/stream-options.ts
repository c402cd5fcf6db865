import type { Fields, Schema, Timestamp } from '@sabot/columnar';
import type { ColumnRefs, Expr } from '@sabot/columnar/expressions';
import type { SortKey } from '@sabot/columnar/kernels';
import type { Int32 } from '@sabot/columnar/types';
import type { ErrorPolicy } from '../operators/failures/failed-rows.js';
import type { EarlyFiring, WindowResultsMode } from '../operators/window-settings.js';
import type { PlanEdge } from '../plan/plan-node.js';
import type { Condition } from '../plan/stateless-step.js';
import type { RetryOptions } from '../time/backoff.js';

/** Whether rows have a place in time: only then can they be windowed. */
export type StreamTime = 'event-time' | 'no-time';

export interface NamedOptions {
  /** Stable id of the operator: state and positions are kept under it. Default a path derived from the plan. */
  readonly name?: string;
}

/** Options of an operator that may refuse rows. */
export interface RowOptions extends NamedOptions {
  /** What becomes of a row whose function throws; default `fail`. */
  readonly onError?: ErrorPolicy;
}

/** Options of a function that makes rows of other columns. */
export interface MapOptions<Out extends Fields> extends RowOptions {
  /** The time column of the output; default the input's, if the output has it; `null`: none. */
  readonly eventTime?: (keyof Out & string) | null;
}

/** Options of an asynchronous function per row. */
export interface AsyncMapOptions<Out extends Fields> extends MapOptions<Out> {
  /** How many rows may be under way or wait for their turn to go out; default 16. */
  readonly concurrency?: number;
  /** Whether results keep the order of the rows; default true. Between two watermarks only, otherwise. */
  readonly ordered?: boolean;
  /** After how long a call is given up, milliseconds; default: never. */
  readonly timeoutMs?: number;
  /** How often a row is tried; default once. */
  readonly retry?: RetryOptions;
}

/** Names of the columns that can carry event time. */
export type TimeColumns<F extends Fields> = { [N in keyof F & string]: F[N] extends Timestamp ? N : never }[keyof F &
  string];

/** A condition over the columns of a stream. */
export type Predicate<F extends Fields> = (columns: ColumnRefs<F>) => Condition;
/** Columns `F` with `Added`, which replace those of the same name. */
export type Replaced<F extends Fields, Added extends Fields> = {
  readonly [N in keyof F | keyof Added]: N extends keyof Added ? Added[N] : N extends keyof F ? F[N] : never;
};
/** Named expressions. */
export type Selection = Readonly<Record<string, Expr>>;

/** Any stream, whatever its columns: what operators with several inputs take. */
export interface StreamRef {
  readonly schema: Schema;
  /** The column that carries event time, if any. */
  readonly eventTime: string | undefined;
  /** Where this stream comes from in the plan. */
  readonly edge: PlanEdge;
}

export interface DeduplicateOptions extends NamedOptions {
  /** Rows of a key less than this apart in event time are duplicates, milliseconds; default: all rows of a key are. */
  readonly withinMs?: number;
}

export interface TableOptions<F extends Fields> extends NamedOptions {
  /** Rows for which this is true delete their key; default: none does. */
  readonly deleteWhen?: Predicate<F>;
  /** Whether event time says which row is the latest; default false: arrival does. */
  readonly versioned?: boolean;
}

export interface TopNOptions<F extends Fields> extends NamedOptions {
  /** How many rows, of each key where there are keys. */
  readonly limit: number;
  /** By the first column, then the second, and so on; equal rows keep the order in which they came. */
  readonly by: readonly SortKey<F>[];
}

/** Columns `F` with the place in an order: 1 is the first. */
export type Ranked<F extends Fields> = Replaced<F, { readonly rank: Int32<false> }>;

export interface WindowOptions<M extends WindowResultsMode = WindowResultsMode> {
  /** For how long after its end a window still takes rows; its result is final only then. Default 0. */
  readonly allowedLatenessMs?: number;
  /**
   * What a further firing of a window gives: everything so far (`accumulating`, the default), what has come since the
   * last (`discarding`), or a change of what was given before (`retracting`): then the results are a table.
   */
  readonly results?: M;
  /** Also comes out before its end: at multiples of so many milliseconds of the clock, or with every so many rows of a key. */
  readonly early?: EarlyFiring;
  /** When late rows make a window come out again: with the next watermark (the default), or each for itself. */
  readonly late?: 'per-watermark' | 'per-row';
}

/** The columns that tell windows apart, beside the keys. */
export type WindowBoundary = 'windowStart' | 'windowEnd';

/** The columns every result of a window with bounds has: these (half-open), and its time (end − 1 ms). */
export type BoundColumns = {
  readonly windowStart: Timestamp<false>;
  readonly windowEnd: Timestamp<false>;
  readonly windowTime: Timestamp<false>;
};

/** The same columns as one record. */
export type Flat<F> = { readonly [N in keyof F]: F[N] };

export interface ToStreamOptions<C extends string> extends NamedOptions {
  /** Where the stream says what a change does; default `change`. */
  readonly column?: C;
}
