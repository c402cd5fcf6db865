import type { Fields, Schema } from '@sabot/columnar';
import type { ExpressionMode } from '../ports/expression-mode.js';
import type { Operator } from '../ports/operator.js';

/**
 * How an operator may be spread over the lanes of a job. `local`: an instance per lane takes what its own lane has made;
 * for operators that see one row at a time. `keyedBy`: per input, the columns whose equal values have to meet in one
 * instance, or `broadcast` for an input that every instance sees whole. `single`: one instance sees everything.
 */
export type Distribution = 'local' | 'single' | { readonly keyedBy: readonly (readonly string[] | 'broadcast')[] };

/**
 * How to make an operator: the extension point that joins, agents and users build on.
 * `stream.apply(spec, ...others)` gives it `1 + others.length` inputs, in that order.
 */
export interface OperatorSpec<Out extends Fields = Fields> {
  /** What decorators look at: `stream_table_join`, `agent`, `window_aggregate`. */
  readonly kind: string;
  /** Stable id inside the job; default a path derived from the plan. */
  readonly name?: string;
  readonly schema: Schema<Out>;
  /** Time column of the output; default: the first input's, if the output still has it as a timestamp; `null`: none. */
  readonly eventTime?: string | null;
  /** The main output is a changelog whose rows these columns tell apart; `schema` has `$change` (`withChanges`). */
  readonly changelogKey?: readonly string[];
  /** The operator reads `$change` of its inputs; others refuse a changelog. */
  readonly takesChangelog?: boolean;
  /** Ports 1, 2, … in this order; reached by `out.side('name')`. They keep the first input's time column if they have it. */
  readonly sideOutputs?: Readonly<Record<string, Schema>>;
  /** True when `process` or `onSignal` may return a promise: it gets a chain of its own behind a bounded channel. */
  readonly async?: boolean;
  /** Bytes that the channel in front of an `async` operator holds before its producer waits; default the job's `channelBytes`. */
  readonly channelBytes?: number;
  /** Inputs (by index) that are read to the end of their sources before the others are read at all: a bounded table. */
  readonly readsFirst?: readonly number[];
  /** How it may be spread over lanes; default `single`, which is always right and never parallel. */
  readonly distribution?: Distribution;
  /** One line for `explain()`. */
  readonly describe?: string;
  /** Bounded labels for decorators: join type, agent name. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Required of operators that call `context.state()`: the schema of their keyed state, part of the plan's fingerprint: a checkpoint with another one is refused. */
  readonly stateSchema?: string;
  /** A fresh operator; called once per start. `expressions`: how it is to run expressions; default `auto`. */
  create(expressions?: ExpressionMode): Operator;
}
