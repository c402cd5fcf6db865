import type { DataType } from '../schema/data-type.js';
import { float64 } from '../schema/types.js';
import { decimalTypeOf } from './decimal-types.js';
import { describeNode } from './describe.js';
import type { Expr } from './expr.js';
import { literalOf } from './literals.js';
import type { ExprNode, LiteralValue } from './node.js';
import { isInteger } from './numeric-types.js';
import { callType, castType } from './typing.js';

/**
 * Every method of every expression interface. Which of them a type has is said by the interfaces when compiling, and
 * checked here again when a method is called.
 */
export class Expression implements Expr {
  readonly node: ExprNode;
  readonly type: DataType;

  constructor(node: ExprNode, type: DataType) {
    this.node = node;
    this.type = type;
  }

  toString(): string {
    return describeNode(this.node);
  }

  toJSON(): ExprNode {
    return this.node;
  }

  cast(to: DataType): Expression {
    return this.castAs(to, 'fail');
  }

  tryCast(to: DataType): Expression {
    return this.castAs(to, 'null');
  }

  between(low: unknown, high: unknown): Expression {
    const atLeast = call('ge', [this, this.compared(low)]);
    return call('and', [atLeast, call('le', [this, this.compared(high)])]);
  }

  in(values: readonly unknown[]): Expression {
    const options = values.map((value) => literalOf(value, this.type).value);
    return call('in', [this], options);
  }

  orElse(value: unknown): Expression {
    return call('coalesce', [this, this.operand(value)]);
  }

  div(other: unknown): Expression {
    return call('div', [this, isExpression(other) ? other : literal(other, float64())]);
  }

  pow(other: unknown): Expression {
    return call('pow', [this, isExpression(other) ? other : literal(other, float64())]);
  }

  substring(start: number, length: number = 2 ** 31 - 1): Expression {
    return call('substring', [this], [start, length]);
  }

  replace(part: unknown, by: unknown): Expression {
    return call('replace', [this, this.operand(part), this.operand(by)]);
  }

  splitPart(separator: string, index: number): Expression {
    return call('splitPart', [this, this.operand(separator)], [index]);
  }

  matches(pattern: RegExp): Expression {
    return call('matches', [this], [pattern.source, pattern.flags]);
  }

  capture(pattern: RegExp, group = 0): Expression {
    return call('capture', [this], [pattern.source, pattern.flags, group]);
  }

  diff(other: Expr, unit: string): Expression {
    return call('diff', [this, other as Expression], [unit]);
  }

  /** The other operand of a function that takes two of a kind. */
  operand(value: unknown): Expression {
    if (isExpression(value)) return value;
    // A plain number beside a decimal is a decimal of just its digits.
    const own = this.type.kind === 'decimal128' ? decimalTypeOf(String(value)) : null;
    return literal(value, own ?? this.type);
  }

  /** As `operand`; a fraction may be compared with an integer, as floats. */
  compared(value: unknown): Expression {
    const fraction = typeof value === 'number' && isInteger(this.type) && !Number.isInteger(value);
    return fraction ? literal(value, float64()) : this.operand(value);
  }

  private castAs(to: DataType, onError: 'fail' | 'null'): Expression {
    const node = { op: 'cast', arg: this.node, to, onError } as const;
    return new Expression(node, castType(node, this.type));
  }
}

/** Methods without parameters, by name. */
const UNARY = [
  ...[
    'isNull',
    'isNotNull',
    'hash',
    'neg',
    'abs',
    'round',
    'floor',
    'ceil',
    'trunc',
    'sqrt',
    'exp',
    'ln',
    'sign',
    'not',
  ],
  ...['length', 'upper', 'lower', 'trim', 'trimStart', 'trimEnd', 'epochMs', 'listLength'],
];
/** Methods whose parameter is the other operand. */
const BINARY = [
  'add',
  'sub',
  'mul',
  'intDiv',
  'mod',
  'and',
  'or',
  'contains',
  'startsWith',
  'endsWith',
  'concat',
  'split',
];
const COMPARISONS = ['eq', 'neq', 'lt', 'le', 'gt', 'ge'];
/** Methods whose parameter is fixed when the expression is written. */
const FIXED = ['like', 'truncate', 'extract', 'addMs', 'addDays', 'addMonths', 'inZone', 'fromZone', 'field', 'at'];

function define(name: string, method: (this: Expression, value: never) => Expression): void {
  Object.defineProperty(Expression.prototype, name, { value: method, writable: true, configurable: true });
}

for (const name of UNARY) {
  define(name, function () {
    return call(name, [this]);
  });
}
for (const name of BINARY) {
  define(name, function (value: unknown) {
    return call(name, [this, this.operand(value)]);
  });
}
for (const name of COMPARISONS) {
  define(name, function (value: unknown) {
    return call(name, [this, this.compared(value)]);
  });
}
for (const name of FIXED) {
  define(name, function (option: LiteralValue) {
    return call(name, [this], [option]);
  });
}

/** A call of a function, checked. */
export function call(name: string, args: readonly Expression[], options?: readonly LiteralValue[]): Expression {
  const nodes = args.map((arg) => arg.node);
  const node: Extract<ExprNode, { op: 'call' }> =
    options === undefined ? { op: 'call', name, args: nodes } : { op: 'call', name, args: nodes, options };
  const type = callType(
    node,
    args.map((arg) => arg.type),
  );
  return new Expression(node, type);
}

/** A literal of a type. */
export function literal(value: unknown, type: DataType): Expression {
  const node = literalOf(value, type);
  return new Expression(node, node.type);
}

/** Whether a value is an expression, whichever copy of this package made it. */
export function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && 'node' in value && 'type' in value;
}
