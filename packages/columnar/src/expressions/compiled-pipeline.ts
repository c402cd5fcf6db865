import type { Batch } from '../batch/batch.js';
import type { Fields, Schema } from '../schema/schema.js';
import type { OverflowRule } from './lowering/lowering.js';

export interface PipelineOptions {
  /** Generate code, interpret, or (default `auto`) generate code where that is allowed. The results are equal. */
  readonly mode?: 'auto' | 'compiled' | 'interpreted';
  /** What integer arithmetic does when a result leaves its type. Default `error` (`ARITHMETIC_OVERFLOW`). */
  readonly overflow?: OverflowRule;
}

/** Filters and projections as one pass over each batch. */
export interface CompiledPipeline<In extends Fields = Fields, Out extends Fields = Fields> {
  readonly inputSchema: Schema<In>;
  readonly schema: Schema<Out>;
  readonly mode: 'compiled' | 'interpreted';
  /**
   * The batch after all steps. Columns that are passed through unchanged share their buffers, unless rows were left out.
   * Errors: `SCHEMA_MISMATCH`, `ARITHMETIC_OVERFLOW`, `CAST_INVALID`.
   */
  run(batch: Batch<In>): Batch<Out>;
  /** The generated loop for batches without nulls (`nulls: true`: with nulls in every column that may have them). */
  code(options?: { readonly nulls?: boolean }): string;
  /** The steps as text, one a line, with the columns that come out; `code: true` adds the generated loop. */
  explain(options?: { readonly code?: boolean }): string;
}
