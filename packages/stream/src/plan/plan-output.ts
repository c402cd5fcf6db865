import type { Schema } from '@sabot/columnar';

/** One output of a node: its schema and the column that carries event time, if any. */
export interface PlanOutput {
  readonly schema: Schema;
  readonly eventTime: string | undefined;
}
