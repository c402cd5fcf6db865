import { errors } from '../errors.js';
import type { DataType } from '../schema/data-type.js';
import { describeType, fieldType } from '../schema/define-schema.js';
import type { Schema } from '../schema/schema.js';
import { withNullability } from '../schema/types.js';
import { commonDecimal } from './decimal-types.js';
import { describeNode } from './describe.js';
import { fieldResult, itemResult } from './functions/nested.js';
import { functionNamed } from './functions/registry.js';
import { canCast } from './lowering/cast.js';
import { shapeOf } from './lowering/value.js';
import type { ExprNode } from './node.js';
import { isNumeric, widerNumber } from './numeric-types.js';

/** The type of an expression over a schema; `EXPRESSION_INVALID` or `COLUMN_UNKNOWN` names the part that is wrong. */
export function typeOfNode(node: ExprNode, schema: Schema): DataType {
  switch (node.op) {
    case 'column':
      return fieldType(schema, node.name);
    case 'literal':
      return node.type;
    case 'cast':
      return castType(node, typeOfNode(node.arg, schema));
    case 'case':
      return caseType(node, schema);
    case 'call':
      return callType(
        node,
        node.args.map((arg) => typeOfNode(arg, schema)),
      );
  }
}

type Call = Extract<ExprNode, { op: 'call' }>;

/** The type of a call whose arguments have the given types. */
export function callType(node: Call, args: readonly DataType[]): DataType {
  const type = callResult(node, args);
  if (type !== null) return type;
  const definition = functionNamed(node.name);
  const options = node.options === undefined ? '' : ` with ${JSON.stringify(node.options)}`;
  throw errors.error('EXPRESSION_INVALID', {
    what: `cannot compute ${describeNode(node)}`,
    why:
      definition === undefined && !['coalesce', 'field', 'at'].includes(node.name)
        ? `there is no function "${node.name}"`
        : `"${node.name}" takes ${definition?.takes ?? 'other operands'}, not (${args.map(describeType).join(', ')})${options}`,
  });
}

function callResult(node: Call, args: readonly DataType[]): DataType | null {
  const options = node.options ?? [];
  switch (node.name) {
    case 'coalesce':
      return coalesceType(args);
    case 'field':
      return fieldResult(args[0], options[0]);
    case 'at':
      return itemResult(args[0], options[0]);
    default:
      return functionNamed(node.name)?.resultType(args, options) ?? null;
  }
}

/** One type for values that stand in for each other, or null. */
function commonType(a: DataType, b: DataType): DataType | null {
  if (isNumeric(a) && isNumeric(b)) return widerNumber(a, b);
  if (a.kind === 'decimal128' || b.kind === 'decimal128') return commonDecimal(a, b);
  const nullable = a.nullable || b.nullable;
  const texts = shapeOf(a) === 'text' && shapeOf(b) === 'text' && a.kind !== 'binary' && b.kind !== 'binary';
  if (texts) return { kind: 'utf8', nullable };
  const same = describeType(withNullability(a, true)) === describeType(withNullability(b, true));
  return same && shapeOf(a) !== 'place' ? withNullability(a, nullable) : null;
}

function coalesceType(args: readonly DataType[]): DataType | null {
  const common = args
    .slice(1)
    .reduce<DataType | null>((type, arg) => (type === null ? null : commonType(type, arg)), args[0] ?? null);
  return common === null
    ? null
    : withNullability(
        common,
        args.every((arg) => arg.nullable),
      );
}

export function castType(node: Extract<ExprNode, { op: 'cast' }>, from: DataType): DataType {
  if (!canCast(from, node.to)) {
    throw errors.error('EXPRESSION_INVALID', {
      what: `cannot compute ${describeNode(node)}`,
      why: `there is no cast from ${describeType(from)} to ${describeType(node.to)}`,
    });
  }
  return withNullability(node.to, from.nullable || node.onError === 'null');
}

function caseType(node: Case, schema: Schema): DataType {
  const conditions = node.branches.map(([when]) => typeOfNode(when, schema));
  const results = node.branches.map(([, then]) => typeOfNode(then, schema));
  if (node.otherwise !== null) results.push(typeOfNode(node.otherwise, schema));
  return caseTypeOf(node, conditions, results);
}

type Case = Extract<ExprNode, { op: 'case' }>;

/** The type of a case whose conditions and results have the given types. */
export function caseTypeOf(node: Case, conditions: readonly DataType[], results: readonly DataType[]): DataType {
  for (const condition of conditions) {
    if (condition.kind !== 'bool') throw wrongCase(node, `a condition is ${describeType(condition)}, not bool`);
  }
  const common = results
    .slice(1)
    .reduce<DataType | null>((type, result) => (type === null ? null : commonType(type, result)), results[0] ?? null);
  if (common === null)
    throw wrongCase(node, `the results have no common type: ${results.map(describeType).join(', ')}`);
  return withNullability(common, common.nullable || node.otherwise === null);
}

function wrongCase(node: ExprNode, why: string): Error {
  return errors.error('EXPRESSION_INVALID', { what: `cannot compute ${describeNode(node)}`, why });
}
