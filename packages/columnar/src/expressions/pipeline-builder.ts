import type { Bool } from '../schema/data-type.js';
import type { Fields, Schema } from '../schema/schema.js';
import { columnsOf } from './build.js';
import type { CompiledPipeline, PipelineOptions } from './compiled-pipeline.js';
import type { Expr, ExprFields } from './expr.js';
import type { ColumnRefs } from './expr-types.js';
import { compilePipeline } from './pipeline.js';
import type { Step } from './step.js';

type Exprs = Readonly<Record<string, Expr>>;

/** Steps written one after the other, each seeing the columns that the ones before leave. */
export interface PipelineBuilder<In extends Fields, F extends Fields> {
  /** The columns at this point. */
  readonly schema: Schema<F>;
  readonly steps: readonly Step[];
  /** Keeps the rows where the predicate is true; null counts as false. */
  filter(predicate: (c: ColumnRefs<F>) => Expr<Bool>): PipelineBuilder<In, F>;
  /** Only these columns, in this order. */
  select<const E extends Exprs>(columns: (c: ColumnRefs<F>) => E): PipelineBuilder<In, ExprFields<E>>;
  /** These columns too; one of the same name is replaced in its place. */
  withColumns<const E extends Exprs>(
    columns: (c: ColumnRefs<F>) => E,
  ): PipelineBuilder<In, Omit<F, keyof E> & ExprFields<E>>;
  compile(options?: PipelineOptions): CompiledPipeline<In, F>;
}

/**
 * Begins a pipeline over batches of a schema.
 *
 * @example
 * const late = pipeline(flights)
 *   .filter((c) => c.delay.gt(15))
 *   .withColumns((c) => ({ hours: c.delay.div(60) }))
 *   .compile();
 * const batch = late.run(input);
 */
export function pipeline<F extends Fields>(schema: Schema<F>): PipelineBuilder<F, F> {
  return new Builder(schema, schema, []);
}

class Builder<In extends Fields, F extends Fields> implements PipelineBuilder<In, F> {
  readonly schema: Schema<F>;
  readonly steps: readonly Step[];
  private readonly input: Schema<In>;

  constructor(input: Schema<In>, schema: Schema<F>, steps: readonly Step[]) {
    this.input = input;
    this.schema = schema;
    this.steps = steps;
  }

  filter(predicate: (c: ColumnRefs<F>) => Expr<Bool>): PipelineBuilder<In, F> {
    return this.next({ filter: predicate(columnsOf(this.schema)) });
  }

  select<const E extends Exprs>(columns: (c: ColumnRefs<F>) => E): PipelineBuilder<In, ExprFields<E>> {
    return this.next({ select: columns(columnsOf(this.schema)) });
  }

  withColumns<const E extends Exprs>(
    columns: (c: ColumnRefs<F>) => E,
  ): PipelineBuilder<In, Omit<F, keyof E> & ExprFields<E>> {
    return this.next({ withColumns: columns(columnsOf(this.schema)) });
  }

  compile(options?: PipelineOptions): CompiledPipeline<In, F> {
    return compilePipeline<In, F>(this.input, this.steps, options);
  }

  // What the steps make of the schema is checked and computed by the compiler.
  private next<Next extends Fields>(step: Step): PipelineBuilder<In, Next> {
    const steps = [...this.steps, step];
    return new Builder<In, Next>(this.input, schemaAfter<Next>(this.schema, step), steps);
  }
}

function schemaAfter<Next extends Fields>(schema: Schema, step: Step): Schema<Next> {
  return compilePipeline<Fields, Next>(schema, [step], { mode: 'interpreted' }).schema;
}
