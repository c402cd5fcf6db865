import type { Schema } from '@sabot/columnar';

/** One output of a node: its schema, the column that carries event time, and whether rows are changes. */
export interface PlanOutput {
  readonly schema: Schema;
  readonly eventTime: string | undefined;
  /** Of a changelog: the columns that tell its rows apart; the schema has `$change`. Undefined: append-only. */
  readonly changelogKey?: readonly string[] | undefined;
}
