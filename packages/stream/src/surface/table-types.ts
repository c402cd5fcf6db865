import type { Fields, Schema } from '@sabot/columnar';
import type { ColumnRefs, Expr, ExprFields } from '@sabot/columnar/expressions';
import type { Changed } from '../changelog/change-kind.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import type { SinkNode } from '../plan/plan-node.js';
import type { Condition } from '../plan/stateless-step.js';
import type { Sink } from '../ports/sink.js';
import type { AppliedStream, NamedOptions, Replaced, StreamRef, StreamTime } from './stream-types.js';

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
  /** Any operator over this table and others; one that reads an input as a changelog says `takesChangelog`. */
  apply<Out extends Fields, OutTime extends StreamTime = T>(
    spec: OperatorSpec<Out>,
    ...others: readonly StreamRef[]
  ): AppliedStream<Out, OutTime>;
  /** Ends the table in a sink of its columns and `$change`; give the result to `defineJob`. */
  to<S extends Sink<Changed<F>>>(sink: KnowsChanges<S>, options?: NamedOptions): SinkNode;
}
