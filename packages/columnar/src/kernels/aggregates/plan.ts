import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { defineSchema, describeType, fieldType } from '../../schema/define-schema.js';
import type { Fields, Schema } from '../../schema/schema.js';
import { bool, decimal128, float64, int64, list, uint64, withNullability } from '../../schema/types.js';
import type { AggregateBuilder, AggregateFields, AggregateKind, AggregateSpec, VarianceOptions } from './spec.js';

/** Named aggregates over one schema, checked; plain data that can be sent and stored. */
export interface AggregatePlan<In extends Fields = Fields, Out extends Fields = Fields> {
  readonly inputSchema: Schema<In>;
  readonly outputSchema: Schema<Out>;
  /** In the order of the output schema. */
  readonly specs: readonly AggregateSpec[];
  /** The input columns that are read, each once. */
  readonly columns: readonly string[];
}

/**
 * A plan of aggregates whose result has one column per entry.
 *
 * Errors: `COLUMN_UNKNOWN`, `EXPRESSION_INVALID` (names the column and its type).
 *
 * @example
 * const plan = aggregates(schema, (a) => ({ flights: a.count(), meanDelay: a.mean('delay') }));
 */
export function aggregates<F extends Fields, const A extends Readonly<Record<string, AggregateSpec>>>(
  schema: Schema<F>,
  define: (a: AggregateBuilder<F>) => A,
): AggregatePlan<F, AggregateFields<A>> {
  const entries = Object.entries(define(aggregateBuilder(schema)));
  const fields = Object.fromEntries(entries.map(([name, spec]) => [name, spec.type]));
  return {
    inputSchema: schema,
    // Each field's type is the type of the spec of that name.
    outputSchema: defineSchema(fields) as unknown as Schema<AggregateFields<A>>,
    specs: entries.map(([, spec]) => spec),
    columns: [...new Set(entries.flatMap(([, spec]) => spec.column ?? []))],
  };
}

function aggregateBuilder<F extends Fields>(schema: Schema<F>): AggregateBuilder<F> {
  const make = (kind: AggregateKind) => (column: string) => checkedSpec(schema, kind, column);
  const spread = (kind: AggregateKind) => (column: string, options?: VarianceOptions) => ({
    ...checkedSpec(schema, kind, column),
    population: options?.population ?? false,
  });
  const limited = (kind: AggregateKind) => (column: string, limit: number) => ({
    ...checkedSpec(schema, kind, column),
    limit: checkedLimit(kind, column, limit),
  });
  const builder = {
    count: (column?: string) =>
      column === undefined ? { kind: 'count', column: null, type: int64() } : checkedSpec(schema, 'count', column),
    sum: make('sum'),
    mean: make('mean'),
    min: make('min'),
    max: make('max'),
    variance: spread('variance'),
    stddev: spread('stddev'),
    first: make('first'),
    last: make('last'),
    any: make('any'),
    countDistinct: make('countDistinct'),
    approxCountDistinct: make('approxCountDistinct'),
    list: make('list'),
    largest: limited('largest'),
    smallest: limited('smallest'),
    quantile: (column: string, q: number) => ({
      ...checkedSpec(schema, 'quantile', column),
      quantile: checkedShare(column, q),
    }),
    boolAnd: make('boolAnd'),
    boolOr: make('boolOr'),
  };
  // The result types follow from resultType; the signatures say the same per column name.
  return builder as unknown as AggregateBuilder<F>;
}

function checkedSpec(schema: Schema, kind: AggregateKind, column: string): AggregateSpec {
  const input = fieldType(schema, column);
  const type = resultType(kind, input);
  if (type !== null) return { kind, column, type };
  throw errors.error('EXPRESSION_INVALID', {
    what: `cannot compute ${kind} of column "${column}"`,
    why: `it is ${describeType(input)}`,
  });
}

function checkedLimit(kind: AggregateKind, column: string, limit: number): number {
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw errors.error('EXPRESSION_INVALID', {
    what: `cannot compute ${kind} ${limit} of column "${column}"`,
    why: 'the limit is a whole number from 1',
  });
}

function checkedShare(column: string, q: number): number {
  if (q >= 0 && q <= 1) return q;
  throw errors.error('EXPRESSION_INVALID', {
    what: `cannot compute quantile ${q} of column "${column}"`,
    why: 'a quantile is a share from 0 to 1',
  });
}

/** The type of an aggregate of a column, or null when there is none. */
function resultType(kind: AggregateKind, input: DataType): DataType | null {
  switch (kind) {
    case 'count':
      return int64();
    case 'countDistinct':
    case 'approxCountDistinct':
      return input.kind === 'list' || input.kind === 'struct' ? null : int64();
    case 'list':
    case 'largest':
    case 'smallest': {
      const items = list(withNullability(input, false));
      return input.kind === 'list' || input.kind === 'struct' ? null : withNullability(items, input.nullable);
    }
    case 'sum':
      if (input.kind === 'decimal128') return withNullability(decimal128(38, input.scale), input.nullable);
      return isNumeric(input) ? withNullability(sumType(input), input.nullable) : null;
    case 'mean':
      return isNumeric(input) || input.kind === 'decimal128' ? withNullability(float64(), input.nullable) : null;
    case 'quantile':
    case 'variance':
    case 'stddev':
      return isNumeric(input) ? withNullability(float64(), true) : null;
    case 'boolAnd':
    case 'boolOr':
      return input.kind === 'bool' ? withNullability(bool(), input.nullable) : null;
    default:
      return input.kind === 'list' || input.kind === 'struct' ? null : input;
  }
}

function isNumeric(type: DataType): boolean {
  return /^(u?int|float)\d/.test(type.kind);
}

function sumType(input: DataType): DataType {
  if (input.kind.startsWith('float')) return float64();
  return input.kind.startsWith('u') ? uint64() : int64();
}
