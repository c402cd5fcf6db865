import type { DataType, List, Struct } from '../../schema/data-type.js';
import type { Schema } from '../../schema/schema.js';
import { inDecimal } from '../functions/decimal.js';
import { isTrue } from '../functions/logic.js';
import { functionNamed } from '../functions/registry.js';
import type { ExprNode } from '../node.js';
import { isNumeric } from '../numeric-types.js';
import { typeOfNode } from '../typing.js';
import { lowerCast } from './cast.js';
import { lowerLiteral } from './literal.js';
import type { Lowering } from './lowering.js';
import type { Register } from './operations.js';
import { type HasNulls, loadValue, type Value } from './value.js';

type Call = Extract<ExprNode, { op: 'call' }>;

/** The columns that expressions see at some point of a pipeline. */
export interface Scope {
  readonly schema: Schema;
  readonly hasNulls: HasNulls;
  /** The value of a column in the current row. */
  column(name: string): Value;
}

/** Turns an expression into instructions. */
export function lowerNode(l: Lowering, node: ExprNode, scope: Scope): Value {
  switch (node.op) {
    case 'column':
      return scope.column(node.name);
    case 'literal':
      return lowerLiteral(l, node);
    case 'cast':
      return lowerCast(l, lowerNode(l, node.arg, scope), typeOfNode(node, scope.schema), node.onError);
    case 'case':
      return lowerCase(l, node, scope);
    case 'call':
      return lowerCall(l, node, scope);
  }
}

function lowerCall(l: Lowering, node: Call, scope: Scope): Value {
  const type = typeOfNode(node, scope.schema);
  switch (node.name) {
    case 'coalesce':
      return lowerCoalesce(l, node, scope, type);
    case 'and':
    case 'or':
      return lowerJunction(l, node, scope, type);
    case 'field':
      return lowerField(l, node, scope, type);
    case 'at':
      return lowerItem(l, node, scope, type);
    default: {
      const args = node.args.map((arg) => lowerNode(l, arg, scope));
      // typeOfNode has found the function.
      return (functionNamed(node.name) as NonNullable<ReturnType<typeof functionNamed>>).lower(
        l,
        args,
        type,
        node.options ?? [],
      );
    }
  }
}

/** `and` and `or` compute their right side only when it can matter, if it is worth a branch. */
function lowerJunction(l: Lowering, node: Call, scope: Scope, type: DataType): Value {
  const definition = functionNamed(node.name) as NonNullable<ReturnType<typeof functionNamed>>;
  const [left, right] = node.args as [ExprNode, ExprNode];
  const a = lowerNode(l, left, scope);
  if (!isCostly(right)) return definition.lower(l, [a, lowerNode(l, right, scope)], type, []);
  const { builder } = l;
  const value = a.parts[0] as Register;
  const decided = builder.and(builder.not(a.isNull), node.name === 'and' ? builder.not(value) : value);
  return l.choose(type, (assign) => {
    builder.branch(
      decided,
      () => assign(a),
      () => assign(definition.lower(l, [a, lowerNode(l, right, scope)], type, [])),
    );
  });
}

/** Whether an expression calls something slow, or may fail. */
function isCostly(node: ExprNode): boolean {
  switch (node.op) {
    case 'column':
    case 'literal':
      return false;
    case 'cast':
    case 'case':
      return true;
    case 'call':
      return functionNamed(node.name)?.costly === true || mayFail(node.name) || node.args.some(isCostly);
  }
}

function mayFail(name: string): boolean {
  return ['add', 'sub', 'mul', 'neg', 'abs', 'intDiv', 'coalesce', 'addMs', 'addMonths'].includes(name);
}

function inType(l: Lowering, value: Value, type: DataType): Value {
  if (type.kind === 'decimal128') return inDecimal(l, value, type);
  return isNumeric(type) ? l.widen(value, type) : { ...value, type };
}

function lowerCase(l: Lowering, node: Extract<ExprNode, { op: 'case' }>, scope: Scope): Value {
  const type = typeOfNode(node, scope.schema);
  return l.choose(type, (assign) => {
    const branchFrom = (index: number): void => {
      const branch = node.branches[index];
      if (branch === undefined) {
        if (node.otherwise !== null) assign(inType(l, lowerNode(l, node.otherwise, scope), type));
        return;
      }
      const [when, then] = branch;
      l.builder.branch(
        isTrue(l, lowerNode(l, when, scope)),
        () => assign(inType(l, lowerNode(l, then, scope), type)),
        () => branchFrom(index + 1),
      );
    };
    branchFrom(0);
  });
}

function lowerCoalesce(l: Lowering, node: Call, scope: Scope, type: DataType): Value {
  return l.choose(type, (assign) => {
    const from = (index: number): void => {
      const arg = node.args[index];
      if (arg === undefined) return;
      const value = inType(l, lowerNode(l, arg, scope), type);
      l.builder.branch(
        value.isNull,
        () => from(index + 1),
        () => assign(value),
      );
    };
    from(0);
  });
}

function lowerField(l: Lowering, node: Call, scope: Scope, type: DataType): Value {
  const value = lowerNode(l, node.args[0] as ExprNode, scope);
  const { place } = value;
  const { path, row } = place as NonNullable<Value['place']>;
  const { fields } = value.type as Struct;
  const name = node.options?.[0] as string;
  const child = Object.keys(fields).indexOf(name);
  const loaded = loadValue(l.builder, fields[name] as DataType, [...path, child], scope.hasNulls, row);
  return { ...loaded, type, isNull: l.builder.or(value.isNull, loaded.isNull) };
}

function lowerItem(l: Lowering, node: Call, scope: Scope, type: DataType): Value {
  const { builder } = l;
  const value = lowerNode(l, node.args[0] as ExprNode, scope);
  if (value.place === undefined) return lowerPiece(l, value, node.options?.[0] as number, type);
  const { path, row } = value.place;
  const slot = builder.slot(path, value.type);
  const start = builder.load(slot, 'start', row);
  const end = builder.load(slot, 'end', row);
  const index = node.options?.[0] as number;
  const item = builder.operation('add', index < 0 ? end : start, builder.constant(index));
  const outside = builder.or(
    builder.operation('isBelow', item, start),
    builder.not(builder.operation('isBelow', item, end)),
  );
  const { item: itemType } = value.type as List;
  return l.choose(type, (assign) => {
    builder.branch(builder.not(builder.or(value.isNull, outside)), () => {
      assign(loadValue(builder, itemType, [...path, 0], scope.hasNulls, item));
    });
  });
}

/** An item of a list that `split` made. */
function lowerPiece(l: Lowering, value: Value, index: number, type: DataType): Value {
  const { builder } = l;
  const parts = builder.operations('pieceAt', ...value.parts, builder.constant(index));
  const missing = builder.operation('isEqual', builder.operation('out2'), builder.constant(1));
  return { type, isNull: builder.or(value.isNull, missing), parts };
}
