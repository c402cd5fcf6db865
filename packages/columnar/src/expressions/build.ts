import type { Column } from '../batch/column.js';
import type {
  Bool,
  DataType,
  DateType,
  Decimal128,
  Dictionary,
  Duration,
  Float64,
  Int64,
  Time,
  Timestamp,
  Utf8,
  ValueOf,
  WithNull,
} from '../schema/data-type.js';
import { fieldType, unknownColumn } from '../schema/define-schema.js';
import type { Fields, Schema } from '../schema/schema.js';
import { checkNode } from './check-node.js';
import { describeNode } from './describe.js';
import type { Expr } from './expr.js';
import type { ColumnRefs, NumberType, Typed } from './expr-types.js';
import { call, Expression, literal } from './expression.js';
import { registerColumnFunction } from './functions/columns.js';
import { registerUserFunction } from './functions/user.js';
import { naturalType } from './literals.js';
import type { ExprNode } from './node.js';
import type { EitherNull } from './numeric-types.js';
import { sameNode } from './same-node.js';
import { caseTypeOf, typeOfNode } from './typing.js';

const references = new WeakMap<Schema, object>();

/** One expression per column: `columnsOf(schema).delay.gt(15)`. An unknown name throws `COLUMN_UNKNOWN`. */
export function columnsOf<F extends Fields>(schema: Schema<F>): ColumnRefs<F> {
  let known = references.get(schema);
  if (known === undefined) {
    const columns = new Map(
      schema.names.map((name) => [name, new Expression({ op: 'column', name }, fieldType(schema, name))]),
    );
    known = new Proxy(Object.freeze({}), {
      get: (_, name) => {
        if (typeof name === 'symbol' || name === 'toJSON' || name === 'then') return columns.get(String(name));
        const column = columns.get(name);
        if (column === undefined) throw unknownColumn(schema, name);
        return column;
      },
    });
    references.set(schema, known);
  }
  // One entry per column, of the column's type.
  return known as ColumnRefs<F>;
}

type NaturalType<V> = V extends number
  ? Float64<false>
  : V extends bigint
    ? Int64<false>
    : V extends string
      ? Utf8<false>
      : Bool<false>;

/** A constant: a number is a float64, a bigint an int64; any other type is given: `lit(null, utf8())`. */
export function lit<V extends number | bigint | string | boolean>(value: V): Typed<NaturalType<V>>;
export function lit<T extends DataType>(value: ValueOf<WithNull<T, true>>, type: T): Typed<T>;
export function lit(value: unknown, type?: DataType): unknown {
  return literal(value, type ?? naturalType(value));
}

/** The first of the values that is not null. */
export function coalesce<A extends DataType, B extends DataType>(
  first: Expr<A>,
  ...others: readonly Expr<B>[]
): Typed<WithNull<A, B['nullable']>> {
  return call('coalesce', [first, ...others].map(asExpression)) as unknown as Typed<WithNull<A, B['nullable']>>;
}

/** Branches of a case; `otherwise` ends it, `end` ends it with null. */
export interface CaseBuilder<T extends DataType> {
  when(condition: Expr<Bool>, then: Expr<T>): CaseBuilder<T>;
  otherwise<E extends DataType>(
    value: Expr<E> & { readonly type: { readonly kind: T['kind'] } },
  ): Typed<WithNull<T, EitherNull<T, E>>>;
  end(): Typed<WithNull<T, true>>;
}

/** `when(c.delay.gt(60), lit('late')).otherwise(lit('fine'))`: the value of the first condition that is true. */
export function when<T extends DataType>(condition: Expr<Bool>, then: Expr<T>): CaseBuilder<T> {
  return new Case([[condition, then]]) as unknown as CaseBuilder<T>;
}

class Case {
  private readonly branches: readonly (readonly [Expr, Expr])[];

  constructor(branches: readonly (readonly [Expr, Expr])[]) {
    this.branches = branches;
  }

  when(condition: Expr, then: Expr): Case {
    return new Case([...this.branches, [condition, then]]);
  }

  otherwise(value: Expr): Expression {
    return this.finish(value);
  }

  end(): Expression {
    return this.finish(null);
  }

  private finish(value: Expr | null): Expression {
    const branches = this.branches.map(([condition, then]) => [condition.node, then.node] as const);
    const node: Extract<ExprNode, { op: 'case' }> = { op: 'case', branches, otherwise: value?.node ?? null };
    const conditions = this.branches.map(([condition]) => condition.type);
    const results = [...this.branches.map(([, then]) => then), ...(value === null ? [] : [value])];
    return new Expression(
      node,
      caseTypeOf(
        node,
        conditions,
        results.map((result) => result.type),
      ),
    );
  }
}

function asExpression(value: Expr): Expression {
  return value instanceof Expression ? value : new Expression(value.node, value.type);
}

/** The columns that a parameter of a user's function may stand for. */
type ArgumentType<A> = A extends number
  ? NumberType | Timestamp | DateType | Time | Duration
  : A extends string
    ? Utf8 | Dictionary | Decimal128
    : Bool;

/**
 * A function of your own on the values of each row: numbers (64-bit integers as floats, times as milliseconds), bools and
 * strings (decimals as their digits). It is not called for rows where an argument is null, and gives null by returning
 * null; there is no object per row. What it throws ends the batch.
 *
 * @example
 * const initials = userFunction({ name: 'initials', returns: utf8(), fn: (name: string) => name.slice(0, 2) });
 * pipeline(schema).withColumns((c) => ({ short: initials(c.name) }));
 */
export function userFunction<Args extends readonly (number | boolean | string)[], R extends DataType>(definition: {
  /** Under which the function is found when an expression is read back; the last one defined counts. */
  readonly name: string;
  readonly returns: R;
  readonly fn: (...args: Args) => ValueOf<WithNull<R, true>>;
}): (...args: { readonly [I in keyof Args]: Expr<ArgumentType<Args[I]>> }) => Typed<WithNull<R, true>> {
  registerUserFunction(definition as Parameters<typeof registerUserFunction>[0]);
  return (...args) => {
    const expressions = (args as readonly Expr[]).map(asExpression);
    return call('user', expressions, [definition.name]) as unknown as Typed<WithNull<R, true>>;
  };
}

/**
 * A function of your own on whole columns: called once per batch with the arguments' columns and the number of rows, it
 * gives a column of that length. It sees every row of the batch at its step, also those whose result a `case` or `and`
 * does not need. Nulls are the function's own business.
 *
 * Errors, when it runs: `EXPRESSION_INVALID` for a column of another type or length, or with nulls that `returns` excludes.
 *
 * @example
 * const shifted = columnFunction({
 *   name: 'shifted',
 *   returns: float64(),
 *   fn: ([x], numRows) => makeColumn(float64(), numRows, { values: shift(x.values as Float64Array) }),
 * });
 */
export function columnFunction<R extends DataType>(definition: {
  /** Under which the function is found when an expression is read back; the last one defined counts. */
  readonly name: string;
  readonly returns: R;
  readonly fn: (columns: readonly Column[], numRows: number) => Column;
}): (...args: readonly Expr[]) => Typed<R> {
  registerColumnFunction(definition);
  return (...args) => call('columns', args.map(asExpression), [definition.name]) as unknown as Typed<R>;
}

/** An expression as a line of SQL-like text. */
export function describeExpression(expression: Expr): string {
  return describeNode(expression.node);
}

/**
 * An expression out of its `node`, for a schema. The node may come from anywhere, `JSON.parse` included: only the known
 * forms are taken, bounded in depth and size.
 *
 * Errors: `EXPRESSION_INVALID`, `COLUMN_UNKNOWN`, `TYPE_INVALID`.
 */
export function expressionOf(schema: Schema, node: unknown): Expr {
  const checked = checkNode(node);
  return new Expression(checked, typeOfNode(checked, schema));
}

/** Whether two expressions are written alike: the same columns, constants and functions in the same places. */
export function sameExpression(a: Expr, b: Expr): boolean {
  return sameNode(a.node, b.node);
}

/** The names of the columns that an expression reads, each once. */
export function columnsUsed(expression: Expr): readonly string[] {
  const names = new Set<string>();
  collectColumns(expression.node, names);
  return [...names];
}

function collectColumns(node: ExprNode, names: Set<string>): void {
  switch (node.op) {
    case 'column':
      names.add(node.name);
      break;
    case 'literal':
      break;
    case 'cast':
      collectColumns(node.arg, names);
      break;
    case 'case':
      for (const part of [...node.branches.flat(), ...(node.otherwise === null ? [] : [node.otherwise])]) {
        collectColumns(part, names);
      }
      break;
    case 'call':
      for (const arg of node.args) collectColumns(arg, names);
  }
}
