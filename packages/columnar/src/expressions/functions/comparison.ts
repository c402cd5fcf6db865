import { parseDecimal, writeDecimal } from '../../batch/decimal-text.js';
import type { DataType, Decimal128 } from '../../schema/data-type.js';
import { bool, withNullability } from '../../schema/types.js';
import { decimalPair } from '../decimal-types.js';
import type { Lowering } from '../lowering/lowering.js';
import type { Register } from '../lowering/operations.js';
import { shapeOf, type Value } from '../lowering/value.js';
import type { LiteralValue } from '../node.js';
import { isFloat, isNumeric, widerNumber } from '../numeric-types.js';
import { TextSet } from '../runtime/text-set.js';
import { decimalOrder, scaleOf } from './decimal.js';
import { anyNullable, type FunctionDefinition } from './function-definition.js';

/** The type in which two values are compared, or null when they are not comparable. */
export function comparableType(a: DataType, b: DataType): DataType | null {
  if (decimalPair(a, b) !== null) return a;
  if (isNumeric(a) || isNumeric(b)) return widerNumber(a, b);
  if (shapeOf(a) === 'text' && shapeOf(b) === 'text') return (a.kind === 'binary') === (b.kind === 'binary') ? a : null;
  if (a.kind !== b.kind || a.kind === 'list' || a.kind === 'struct') return null;
  if ('unit' in a && 'unit' in b && a.unit !== b.unit) return null;
  return a;
}

type Order = 'eq' | 'lt';

/** `a = b` or `a < b` on values of one comparable type. */
function compare(l: Lowering, order: Order, a: Value, b: Value, type: DataType): Register {
  const { builder } = l;
  switch (shapeOf(type)) {
    case 'bool':
    case 'number': {
      const name = isFloat(type) ? (order === 'eq' ? 'floatEq' : 'floatLt') : order === 'eq' ? 'sameNumber' : 'isBelow';
      return builder.operation(name, a.parts[0] as Register, b.parts[0] as Register);
    }
    case 'pair': {
      const name = order === 'eq' ? 'pairEq' : type.kind === 'uint64' ? 'unsignedLt' : 'pairLt';
      return builder.operation(name, ...a.parts, ...b.parts);
    }
    case 'quad':
      return compareQuads(l, order, a, b);
    default: {
      if (order === 'eq') return builder.operation('textEq', ...a.parts, ...b.parts);
      const sign = builder.operation('textCompare', ...a.parts, ...b.parts);
      return builder.operation('isBelow', sign, builder.constant(0));
    }
  }
}

function compareQuads(l: Lowering, order: Order, a: Value, b: Value): Register {
  const { builder } = l;
  const [a0, a1, a2, a3] = a.parts as [Register, Register, Register, Register];
  const [b0, b1, b2, b3] = b.parts as [Register, Register, Register, Register];
  const highEq = builder.operation('pairEq', a2, a3, b2, b3);
  if (order === 'eq') return builder.and(highEq, builder.operation('pairEq', a0, a1, b0, b1));
  const lowLt = builder.operation('unsignedLt', a0, a1, b0, b1);
  return builder.or(builder.operation('pairLt', a2, a3, b2, b3), builder.and(highEq, lowLt));
}

/** Decimals compare exactly, whatever their digits after the point. */
function compareDecimal(l: Lowering, order: Order, a: Value, b: Value): Register {
  const { builder } = l;
  if (shapeOf(a.type) === 'quad' && shapeOf(b.type) === 'quad' && scaleOf(a.type) === scaleOf(b.type)) {
    return compareQuads(l, order, a, b);
  }
  return builder.operation(order === 'eq' ? 'isEqual' : 'isBelow', decimalOrder(l, a, b), builder.constant(0));
}

/** A comparison as an order, whether its operands are swapped, and whether the answer is turned round. */
function comparison(infix: string, order: Order, swapped: boolean, negated: boolean): FunctionDefinition {
  return {
    infix,
    takes: 'two values of one kind (and unit)',
    resultType: (args) => {
      const fits = args.length === 2 && comparableType(args[0] as DataType, args[1] as DataType) !== null;
      return fits ? withNullability(bool(), anyNullable(args)) : null;
    },
    lower: (l, args, type) => {
      const [a, b] = args as [Value, Value];
      const common = comparableType(a.type, b.type) as DataType;
      if (decimalPair(a.type, b.type) !== null) {
        const holds = compareDecimal(l, order, ...(swapped ? ([b, a] as const) : ([a, b] as const)));
        return l.strict(type, args, [negated ? l.builder.not(holds) : holds]);
      }
      const [x, y] = isNumeric(common) ? [l.widen(a, common), l.widen(b, common)] : [a, b];
      const holds = swapped ? compare(l, order, y, x, common) : compare(l, order, x, y, common);
      return l.strict(type, args, [negated ? l.builder.not(holds) : holds]);
    },
  };
}

function nullTest(expected: boolean): FunctionDefinition {
  return {
    takes: 'a value',
    resultType: (args) => (args.length === 1 ? bool() : null),
    lower: (l, [arg], type) => {
      const { isNull } = arg as Value;
      return { type, isNull: l.builder.constant(0), parts: [expected ? isNull : l.builder.not(isNull)] };
    },
  };
}

/** Whether a value is one of a fixed set given as options; numbers and words are looked up, not compared one by one. */
const isIn: FunctionDefinition = {
  takes: 'a number, a decimal, a string, a bool or an instant',
  resultType: ([arg], options) => {
    const shape = arg === undefined ? 'place' : shapeOf(arg);
    const fits = arg !== undefined && arg.kind !== 'binary' && shape !== 'place';
    return fits && options.every((option) => option !== null) ? withNullability(bool(), arg.nullable) : null;
  },
  lower: (l, args, type, options) => {
    const { builder } = l;
    const value = args[0] as Value;
    if (value.type.kind === 'decimal128') return l.strict(type, args, [isOneOf(l, value, value.type, options)]);
    if (shapeOf(value.type) === 'text') {
      const set = builder.object(new TextSet(options as readonly string[]));
      return l.strict(type, args, [builder.operation('inTexts', set, ...value.parts)]);
    }
    if (shapeOf(value.type) === 'pair') {
      const set = builder.object(sortedPairs(options));
      return l.strict(type, args, [builder.operation('inPairs', set, ...value.parts)]);
    }
    const sorted = Float64Array.from(options, Number).sort();
    return l.strict(type, args, [builder.operation('inSorted', builder.object(sorted), value.parts[0] as Register)]);
  },
};

function isOneOf(l: Lowering, value: Value, type: Decimal128, options: readonly LiteralValue[]): Register {
  const { builder } = l;
  const words = new Int32Array(4);
  return options.reduce<Register>((found, option) => {
    writeDecimal(words, 0, parseDecimal(option as string, type.precision, type.scale) ?? 0n);
    const literal: Value = { ...value, parts: Array.from(words, (word) => builder.constant(word)) };
    return builder.or(found, compareQuads(l, 'eq', value, literal));
  }, builder.constant(0));
}

/** Triples of (float, low, high), ordered by the float. */
function sortedPairs(options: readonly LiteralValue[]): Float64Array {
  const triples = options.map((option) => {
    const value = BigInt(option as string);
    const low = Number(BigInt.asIntN(32, value));
    const high = Number(BigInt.asIntN(32, value >> 32n));
    return [high * 4294967296 + (low >>> 0), low, high] as const;
  });
  return Float64Array.from(triples.sort((a, b) => a[0] - b[0]).flat());
}

export const comparisonFunctions = {
  eq: comparison('=', 'eq', false, false),
  neq: comparison('<>', 'eq', false, true),
  lt: comparison('<', 'lt', false, false),
  gt: comparison('>', 'lt', true, false),
  le: comparison('<=', 'lt', true, true),
  ge: comparison('>=', 'lt', false, true),
  isNull: nullTest(true),
  isNotNull: nullTest(false),
  in: isIn,
} satisfies Record<string, FunctionDefinition>;
