import type { Fields, Schema } from '@sabot/columnar';
import {
  type ColumnRefs,
  columnsOf,
  columnsUsed,
  compilePipeline,
  type Expr,
  type Step,
} from '@sabot/columnar/expressions';
import { streamErrors } from '../errors.js';
import { assertChangesKept, plainColumn, selectedChanges } from './changelog-steps.js';
import type { PlanOutput } from './plan-output.js';

/** One filter, projection or derivation, as columnar compiles it; binds columns by name. */
export type StatelessStep = Step;

/** An expression that is true, false or null. */
export type Condition = Extract<Step, { readonly filter: unknown }>['filter'];

/** The columns of a stream whose fields are known at run time only. */
export type AnyColumns = ColumnRefs<Fields>;

type Expressions = Readonly<Record<string, Expr>>;

/** A step and the stream behind it. */
export interface DescribedStep {
  readonly step: StatelessStep;
  readonly output: PlanOutput;
}

/** The step that keeps the rows for which the condition is true. */
export function filterStep(input: PlanOutput, predicate: (columns: AnyColumns) => Condition): DescribedStep {
  const step: StatelessStep = { filter: predicate(columnsOf(input.schema)) };
  return { step, output: { ...input, schema: schemaAfter(input.schema, step) } };
}

/** The step that gives exactly these columns; event time follows its column, also under another name. */
export function selectStep(
  input: PlanOutput,
  columns: readonly string[] | ((columns: AnyColumns) => Expressions),
): DescribedStep {
  const refs = columnsOf(input.schema);
  const expressions = typeof columns === 'function' ? columns(refs) : named(input.schema, refs, columns);
  const step: StatelessStep = { select: selectedChanges(input, expressions) };
  const carriers = Object.entries(expressions).filter(([, expression]) => plainColumn(expression) === input.eventTime);
  const eventTime =
    input.eventTime === undefined
      ? undefined
      : (carriers.find(([name]) => name === input.eventTime) ?? carriers[0])?.[0];
  return { step, output: { ...input, schema: schemaAfter(input.schema, step), eventTime } };
}

/** The step that adds or replaces columns; the event-time column has to stay what it is. */
export function withColumnsStep(input: PlanOutput, columns: (columns: AnyColumns) => Expressions): DescribedStep {
  const expressions = columns(columnsOf(input.schema));
  assertChangesKept(input, expressions);
  const time = input.eventTime;
  if (time !== undefined && Object.hasOwn(expressions, time) && plainColumn(expressions[time] as Expr) !== time) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot replace column "${time}"`,
      why: 'it carries the event time, which watermarks have already been made from',
      remedy: 'Give the new column another name.',
    });
  }
  const step: StatelessStep = { withColumns: expressions };
  return { step, output: { ...input, schema: schemaAfter(input.schema, step) } };
}

/** The columns that a chain of steps reads from its input, or undefined when it passes all of them on. */
export function columnsRead(steps: readonly StatelessStep[]): ReadonlySet<string> | undefined {
  const read = new Set<string>();
  const made = new Set<string>();
  for (const step of steps) {
    for (const expression of expressionsOf(step)) {
      for (const name of columnsUsed(expression)) if (!made.has(name)) read.add(name);
    }
    if ('select' in step) return read;
    if ('withColumns' in step) for (const name of Object.keys(step.withColumns)) made.add(name);
  }
  return undefined;
}

function expressionsOf(step: StatelessStep): readonly Expr[] {
  if ('filter' in step) return [step.filter];
  return Object.values('select' in step ? step.select : step.withColumns);
}

function named(schema: Schema, refs: AnyColumns, names: readonly string[]): Expressions {
  for (const name of names) {
    if (Object.hasOwn(schema.fields, name)) continue;
    throw streamErrors.error('COLUMN_UNKNOWN', {
      what: `cannot select column "${name}"`,
      why: `the stream has ${schema.names.join(', ')}`,
    });
  }
  return Object.fromEntries(names.map((name) => [name, refs[name] as Expr]));
}

function schemaAfter(schema: Schema, step: StatelessStep): Schema {
  return compilePipeline(schema, [step], { mode: 'interpreted' }).schema;
}
