import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import type { Column } from '../batch/column.js';
import { retypeColumn } from '../batch/make-column.js';
import { errors } from '../errors.js';
import { filterColumn } from '../kernels/filter.js';
import { describeSchema, sameSchema } from '../schema/define-schema.js';
import type { Fields, Schema } from '../schema/schema.js';
import type { CompiledPipeline, PipelineOptions } from './compiled-pipeline.js';
import { describeSteps } from './describe-steps.js';
import { canGenerateCode, compiled } from './execution/compile-code.js';
import { generateCode } from './execution/generate-code.js';
import { interpreted } from './execution/interpret.js';
import { allocateOutput, finishOutput } from './execution/output-buffers.js';
import type { RunLoop } from './execution/run-loop.js';
import { type LoweredPipeline, lowerPipeline } from './lowering/lower-pipeline.js';
import type { OverflowRule } from './lowering/lowering.js';
import type { Program } from './lowering/program.js';
import { columnStages, StagedPipeline } from './staged-pipeline.js';
import type { Step } from './step.js';

/**
 * Compiles steps against a schema. Steps bind columns by name, so the same steps compile against any schema that has
 * the columns they use.
 *
 * Functions over columns cut the pass in two: what comes before is computed, the function called, and the rest computed.
 * Errors: `COLUMN_UNKNOWN`, `EXPRESSION_INVALID`, `CODE_GENERATION_FORBIDDEN` (mode `compiled` only).
 *
 * @example
 * const late = compilePipeline(schema, [{ filter: columnsOf(schema).delay.gt(15) }]);
 * const batch = late.run(input);
 */
export function compilePipeline<In extends Fields, Out extends Fields = Fields>(
  schema: Schema<In>,
  steps: readonly Step[],
  options: PipelineOptions = {},
): CompiledPipeline<In, Out> {
  const stages = columnStages(schema, steps);
  if (stages === null) return new Pipeline(schema, steps, options);
  return new StagedPipeline(schema, steps, stages, (input, part) => new Pipeline(input, part, options));
}

interface Variant {
  readonly lowered: LoweredPipeline;
  readonly run: RunLoop;
}

class Pipeline<In extends Fields, Out extends Fields> implements CompiledPipeline<In, Out> {
  readonly inputSchema: Schema<In>;
  readonly schema: Schema<Out>;
  readonly mode: 'compiled' | 'interpreted';
  private readonly steps: readonly Step[];
  private readonly overflow: OverflowRule;
  /** One per set of columns that hold nulls. */
  private readonly variants = new Map<string, Variant>();
  private selection = new Int32Array(0);

  constructor(schema: Schema<In>, steps: readonly Step[], options: PipelineOptions) {
    this.inputSchema = schema;
    this.steps = steps;
    this.overflow = options.overflow ?? 'error';
    this.mode = chooseMode(options.mode ?? 'auto');
    // Lowering once finds every error of the steps, and the schema of the result.
    this.schema = lowerPipeline(schema, steps, () => true, this.overflow).schema as unknown as Schema<Out>;
  }

  run(batch: Batch<In>): Batch<Out> {
    this.checkSchema(batch);
    const { numRows } = batch;
    const { lowered, run } = this.variantFor(batch);
    const { program, sources } = lowered;
    if (program.filters && this.selection.length < numRows) this.selection = new Int32Array(numRows);
    const outputs = program.outputs.map(({ type }) => allocateOutput(type, numRows));
    const idle = program.outputs.length === 0 && !program.filters;
    const columns = program.slots.map(({ path }) => columnAt(batch, path));
    const count = idle ? numRows : run(numRows, columns, outputs, this.selection);
    const result = sources.map((source): Column => {
      if (source.kind === 'output') {
        return finishOutput(source.type, outputs[source.index] as (typeof outputs)[number], count);
      }
      const column = filterColumn(batch.columns[source.index] as Column, this.selection, count);
      return retypeColumn(column, source.type);
    });
    return trustedBatch(this.schema, count, result);
  }

  code(options: { readonly nulls?: boolean } = {}): string {
    const lowered = lowerPipeline(this.inputSchema, this.steps, () => options.nulls === true, this.overflow);
    return generateCode(lowered.program);
  }

  explain(options: { readonly code?: boolean } = {}): string {
    const text = describeSteps(this.inputSchema, this.steps, this.schema, this.mode);
    return options.code === true ? `${text}\n\n${this.code()}` : text;
  }

  private checkSchema(batch: Batch): void {
    if (batch.schema === (this.inputSchema as Schema) || sameSchema(batch.schema, this.inputSchema)) return;
    throw errors.error('SCHEMA_MISMATCH', {
      what: `cannot run on a batch of (${describeSchema(batch.schema)})`,
      why: `the pipeline takes (${describeSchema(this.inputSchema)})`,
    });
  }

  private variantFor(batch: Batch): Variant {
    let key = '';
    for (const column of batch.columns) key += nullsKey(column);
    let variant = this.variants.get(key);
    if (variant === undefined) {
      const hasNulls = (path: readonly number[]): boolean => columnAt(batch, path).validity !== null;
      const lowered = lowerPipeline(this.inputSchema, this.steps, hasNulls, this.overflow);
      variant = { lowered, run: this.loopOf(lowered.program) };
      this.variants.set(key, variant);
    }
    return variant;
  }

  private loopOf(program: Program): RunLoop {
    return this.mode === 'compiled' ? compiled(program) : interpreted(program);
  }
}

function chooseMode(mode: 'auto' | 'compiled' | 'interpreted'): 'compiled' | 'interpreted' {
  if (mode === 'interpreted') return mode;
  if (canGenerateCode()) return 'compiled';
  if (mode === 'auto') return 'interpreted';
  throw errors.error('CODE_GENERATION_FORBIDDEN', {
    what: 'cannot compile a pipeline',
    why: 'this process does not allow code generation from strings',
  });
}

function columnAt(batch: Batch, path: readonly number[]): Column {
  let column = batch.columns[path[0] as number] as Column;
  for (let depth = 1; depth < path.length; depth++) column = column.children[path[depth] as number] as Column;
  return column;
}

function nullsKey(column: Column): string {
  const own = column.validity === null ? '0' : '1';
  return column.children.length === 0 ? own : `${own}(${column.children.map(nullsKey).join('')})`;
}
