import type { Batch } from '../batch/batch.js';
import { createBatch } from '../batch/batch-factory.js';
import type { Column } from '../batch/column.js';
import { errors } from '../errors.js';
import { defineSchema, describeType, fieldType, sameTypeIgnoringNulls } from '../schema/define-schema.js';
import type { Fields, Schema } from '../schema/schema.js';
import type { CompiledPipeline } from './compiled-pipeline.js';
import { describeSteps } from './describe-steps.js';
import type { Expr } from './expr.js';
import { type ColumnFunction, columnFunctionNamed } from './functions/columns.js';
import type { ExprNode } from './node.js';
import type { Step } from './step.js';
import { typeOfNode } from './typing.js';

type Call = Extract<ExprNode, { op: 'call' }>;

/** Steps that make one loop, or one call of a function over columns between two loops. */
export type Stage =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'call'; readonly call: ColumnFunction; readonly args: readonly string[]; readonly result: string };

/** Steps cut at their calls of functions over columns, or null when there are none. */
export function columnStages(schema: Schema, steps: readonly Step[]): readonly Stage[] | null {
  return steps.some((step) => entriesOf(step).some(([, { node }]) => callIn(node) !== null))
    ? new StageCutter(schema).cut(steps)
    : null;
}

function entriesOf(step: Step): readonly (readonly [string, Expr])[] {
  if ('filter' in step) return [['', step.filter]];
  return Object.entries('select' in step ? step.select : step.withColumns);
}

/** An innermost call of a function over columns, or null. */
function callIn(node: ExprNode): Call | null {
  for (const child of childrenOf(node)) {
    const found = callIn(child);
    if (found !== null) return found;
  }
  return node.op === 'call' && node.name === 'columns' ? node : null;
}

function childrenOf(node: ExprNode): readonly ExprNode[] {
  if (node.op === 'call') return node.args;
  if (node.op === 'cast') return [node.arg];
  if (node.op !== 'case') return [];
  return [...node.branches.flat(), ...(node.otherwise === null ? [] : [node.otherwise])];
}

function replaced(node: ExprNode, call: Call, by: ExprNode): ExprNode {
  if (node === call) return by;
  const inside = (child: ExprNode): ExprNode => replaced(child, call, by);
  if (node.op === 'call') return { ...node, args: node.args.map(inside) };
  if (node.op === 'cast') return { ...node, arg: inside(node.arg) };
  if (node.op !== 'case') return node;
  const branches = node.branches.map(([when, then]) => [inside(when), inside(then)] as const);
  return { ...node, branches, otherwise: node.otherwise === null ? null : inside(node.otherwise) };
}

/** Follows the schema through the steps, with the columns that arguments and results need in between. */
class StageCutter {
  private schema: Schema;
  private readonly stages: Stage[] = [];
  private fused: Step[] = [];
  private made = 0;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  cut(steps: readonly Step[]): readonly Stage[] {
    for (const step of steps) this.add(step);
    this.stages.push({ kind: 'steps', steps: this.fused });
    return this.stages;
  }

  private add(step: Step): void {
    const own = this.schema.names;
    const entries = entriesOf(step).map(([name, { node }]) => [name, this.extracted(node)] as const);
    const columns = Object.fromEntries(entries.map(([name, node]) => [name, this.expression(node)]));
    const changed =
      'filter' in step
        ? { filter: columns[''] as never }
        : 'select' in step
          ? { select: columns }
          : { withColumns: columns };
    this.fused.push(changed);
    const added = 'filter' in step ? [] : Object.keys(columns);
    const names = 'select' in step ? added : [...new Set([...own, ...added])];
    const types = names.map(
      (name) => [name, added.includes(name) ? (columns[name] as Expr).type : fieldType(this.schema, name)] as const,
    );
    this.schema = defineSchema(Object.fromEntries(types), this.schema.metadata);
    // What was made for calls goes again.
    if (!('select' in step)) {
      this.fused.push({
        select: Object.fromEntries(names.map((name) => [name, this.expression({ op: 'column', name })])),
      });
    }
  }

  private extracted(node: ExprNode): ExprNode {
    let rest = node;
    for (let call = callIn(rest); call !== null; call = callIn(rest)) rest = replaced(rest, call, this.called(call));
    return rest;
  }

  /** Ends a stage with a call; its result is a column from there on. */
  private called(call: Call): ExprNode {
    const args = call.args.map((arg) => this.named(arg));
    const definition = columnFunctionNamed(call.options?.[0]);
    const result = this.freshName();
    this.stages.push({ kind: 'steps', steps: this.fused }, { kind: 'call', call: definition, args, result });
    this.fused = [];
    this.extend(result, definition.returns);
    return { op: 'column', name: result };
  }

  private named(arg: ExprNode): string {
    if (arg.op === 'column') return arg.name;
    const name = this.freshName();
    const expression = this.expression(arg);
    this.fused.push({ withColumns: { [name]: expression } });
    this.extend(name, expression.type);
    return name;
  }

  private extend(name: string, type: Expr['type']): void {
    this.schema = defineSchema({ ...this.schema.fields, [name]: type }, this.schema.metadata);
  }

  private expression(node: ExprNode): Expr {
    return { node, type: typeOfNode(node, this.schema) };
  }

  private freshName(): string {
    let name = '';
    do name = `\u0000${this.made++}`;
    while (this.schema.names.includes(name));
    return name;
  }
}

type Compile = (schema: Schema, steps: readonly Step[]) => CompiledPipeline;
type CompiledStage = CompiledPipeline | (Extract<Stage, { kind: 'call' }> & { readonly schema: Schema });

/** Loops with calls of functions over columns between them. */
export class StagedPipeline<In extends Fields, Out extends Fields> implements CompiledPipeline<In, Out> {
  readonly inputSchema: Schema<In>;
  readonly schema: Schema<Out>;
  readonly mode: 'compiled' | 'interpreted';
  private readonly steps: readonly Step[];
  private readonly stages: readonly CompiledStage[];

  constructor(schema: Schema<In>, steps: readonly Step[], stages: readonly Stage[], compile: Compile) {
    this.inputSchema = schema;
    this.steps = steps;
    let current: Schema = schema;
    this.stages = stages.map((stage) => {
      const compiled =
        stage.kind === 'steps' ? compile(current, stage.steps) : { ...stage, schema: withColumn(current, stage) };
      current = compiled.schema;
      return compiled;
    });
    this.schema = current as unknown as Schema<Out>;
    // The last stage is always one of steps.
    this.mode = (this.stages.at(-1) as CompiledPipeline).mode;
  }

  run(batch: Batch<In>): Batch<Out> {
    const result = this.stages.reduce<Batch>(
      (current, stage) => ('run' in stage ? stage.run(current) : calledOn(current, stage)),
      batch,
    );
    return result as unknown as Batch<Out>;
  }

  code(options?: { readonly nulls?: boolean }): string {
    const loops = this.stages.map((stage) => ('run' in stage ? stage.code(options) : `// a call over columns\n`));
    return loops.join('\n');
  }

  explain(options: { readonly code?: boolean } = {}): string {
    const text = describeSteps(this.inputSchema, this.steps, this.schema, this.mode);
    return options.code === true ? `${text}\n\n${this.code()}` : text;
  }
}

function withColumn(schema: Schema, { result, call }: Extract<Stage, { kind: 'call' }>): Schema {
  return defineSchema({ ...schema.fields, [result]: call.returns }, schema.metadata);
}

function calledOn(batch: Batch, stage: Extract<CompiledStage, { kind: 'call' }>): Batch {
  const { name, returns, fn } = stage.call;
  const column: Column = fn(
    stage.args.map((arg) => batch.column(arg)),
    batch.numRows,
  );
  const nulls = !returns.nullable && column.nullCount > 0;
  if (column.length !== batch.numRows || nulls || !sameTypeIgnoringNulls(column.type, returns)) {
    throw errors.error('EXPRESSION_INVALID', {
      what: `the function "${name}" gave ${column.length} rows of ${describeType(column.type)} with ${column.nullCount} nulls`,
      why: `it is declared to give ${describeType(returns)}, and the batch has ${batch.numRows} rows`,
    });
  }
  return createBatch(stage.schema, [...batch.columns, column], batch.numRows);
}
