import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema, describeType, fieldType } from '../../schema/define-schema.js';
import type { Schema } from '../../schema/schema.js';
import { describeNode } from '../describe.js';
import { isTrue } from '../functions/logic.js';
import type { ExprNode } from '../node.js';
import type { Step } from '../step.js';
import { typeOfNode } from '../typing.js';
import { lowerNode, type Scope } from './lower-node.js';
import { Lowering, type OverflowRule } from './lowering.js';
import type { Program } from './program.js';
import { type HasNulls, loadValue, type Value } from './value.js';

/** Where a column of the result comes from: an input column as it is, or an output of the program. */
export interface ColumnSource {
  readonly kind: 'input' | 'output';
  readonly index: number;
  readonly type: DataType;
}

/** Steps as one program per row, and how its outputs become columns. */
export interface LoweredPipeline {
  readonly schema: Schema;
  readonly program: Program;
  readonly sources: readonly ColumnSource[];
}

/** A column while the pipeline is lowered: still the input's, or computed into registers. */
type Binding =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'computed'; readonly value: Value };

/** Lowers steps for batches whose columns hold nulls where `hasNulls` says so. */
export function lowerPipeline(
  input: Schema,
  steps: readonly Step[],
  hasNulls: HasNulls,
  overflow: OverflowRule,
): LoweredPipeline {
  const pipeline = new PipelineLowering(input, hasNulls, overflow);
  for (const step of steps) pipeline.add(step);
  return pipeline.finish();
}

class PipelineLowering {
  private readonly l: Lowering;
  private readonly input: Schema;
  private readonly hasNulls: HasNulls;
  private schema: Schema;
  private bindings: Map<string, Binding>;

  constructor(input: Schema, hasNulls: HasNulls, overflow: OverflowRule) {
    this.l = new Lowering(overflow);
    this.input = input;
    this.schema = input;
    this.hasNulls = (path) => hasNulls(path);
    this.bindings = new Map(input.names.map((name, index) => [name, { kind: 'input', index }]));
  }

  add(step: Step): void {
    if ('filter' in step) this.filter(step.filter.node);
    else if ('select' in step) this.project(step.select, false);
    else this.project(step.withColumns, true);
  }

  finish(): LoweredPipeline {
    const { builder } = this.l;
    let outputs = 0;
    const sources = this.schema.names.map((name): ColumnSource => {
      const binding = this.bindings.get(name) as Binding;
      const type = fieldType(this.schema, name);
      if (binding.kind === 'input') return { kind: 'input', index: binding.index, type };
      builder.store({ type, nullable: type.nullable }, binding.value.isNull, binding.value.parts);
      return { kind: 'output', index: outputs++, type };
    });
    return { schema: this.schema, program: builder.finish(), sources };
  }

  private filter(node: ExprNode): void {
    const type = typeOfNode(node, this.schema);
    if (type.kind !== 'bool') {
      throw errors.error('EXPRESSION_INVALID', {
        what: `cannot filter by ${describeNode(node)}`,
        why: `it is ${describeType(type)}, not bool`,
      });
    }
    this.l.builder.comment(`filter ${describeNode(node)}`);
    this.l.builder.skipUnless(isTrue(this.l, lowerNode(this.l, node, this.scope())));
  }

  private project(entries: Readonly<Record<string, { readonly node: ExprNode }>>, keepOthers: boolean): void {
    const scope = this.scope();
    const bindings = new Map(keepOthers ? this.bindings : []);
    const fields: Record<string, DataType> = keepOthers ? { ...this.schema.fields } : {};
    for (const [name, { node }] of Object.entries(entries)) {
      fields[name] = typeOfNode(node, this.schema);
      bindings.set(name, this.bind(name, node, scope));
    }
    this.bindings = bindings;
    this.schema = defineSchema(fields, this.schema.metadata);
  }

  private bind(name: string, node: ExprNode, scope: Scope): Binding {
    if (node.op === 'column') return this.bindings.get(node.name) as Binding;
    this.l.builder.comment(`${name} = ${describeNode(node)}`);
    const value = lowerNode(this.l, node, scope);
    if (value.place !== undefined) {
      throw errors.error('EXPRESSION_INVALID', {
        what: `cannot make a column of ${describeNode(node)}`,
        why: 'lists and structs are passed on as whole columns only',
        remedy: 'Select the fields or items that you need.',
      });
    }
    return { kind: 'computed', value };
  }

  private scope(): Scope {
    const { bindings, schema, hasNulls, l, input } = this;
    return {
      schema,
      hasNulls,
      column: (name) => {
        const binding = bindings.get(name) as Binding;
        if (binding.kind === 'computed') return binding.value;
        const type = fieldType(input, input.names[binding.index] as string);
        return loadValue(l.builder, type, [binding.index], hasNulls);
      },
    };
  }
}
