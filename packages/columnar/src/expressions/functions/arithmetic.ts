import { integerRange } from '../../batch/surface-write.js';
import type { DataType } from '../../schema/data-type.js';
import { duration, float64, withNullability } from '../../schema/types.js';
import { decimalResult, wholeDecimal } from '../decimal-types.js';
import type { Lowering } from '../lowering/lowering.js';
import type { OperationName, Register } from '../lowering/operations.js';
import { shapeOf, type Value } from '../lowering/value.js';
import { isFloat, isInteger, isNumeric, widerNumber } from '../numeric-types.js';
import { decimalArithmetic, decimalSign, rescaled, scaleOf } from './decimal.js';
import type { FunctionDefinition } from './function-definition.js';

/** Numbers, and decimals where they are turned into floats or handled apart. */
const isNumber = (type: DataType): boolean => isNumeric(type) || type.kind === 'decimal128';

type Pair = readonly [Register, Register];

/** `a + b`, `a - b`, `a * b` on numbers of one type, checked for overflow. */
function arithmetic(l: Lowering, name: 'add' | 'sub' | 'mul', a: Value, b: Value, type: DataType): Value {
  const isNull = l.anyNull([a, b]);
  if (shapeOf(type) === 'pair') return { type, isNull, parts: wideArithmetic(l, name, a, b, type, isNull) };
  const result = l.builder.operation(name, a.parts[0] as Register, b.parts[0] as Register);
  if (type.kind === 'float32') return { type, isNull, parts: [l.builder.operation('fround', result)] };
  if (type.kind === 'float64') return { type, isNull, parts: [result] };
  return { type, isNull, parts: [inRange(l, result, isNull, name, type)] };
}

/** Fails, or wraps, when a whole number leaves the range of a type of at most 32 bits. */
function inRange(l: Lowering, result: Register, isNull: Register, name: string, type: DataType): Register {
  const { builder } = l;
  const [low, high] = (integerRange(type.kind) as readonly [number, number]).map((bound) =>
    builder.constant(bound),
  ) as [Register, Register];
  l.failOnOverflow(builder.operation('isOutside', result, low, high), isNull, name, type);
  return l.overflow === 'wrap' ? builder.operation(WRAP[type.kind] as OperationName, result) : result;
}

const WRAP: Readonly<Record<string, OperationName>> = {
  int8: 'toInt8',
  int16: 'toInt16',
  int32: 'toInt32Exact',
  uint8: 'toUint8',
  uint16: 'toUint16',
  uint32: 'toUint32Exact',
};

function wideArithmetic(
  l: Lowering,
  name: 'add' | 'sub' | 'mul',
  a: Value,
  b: Value,
  type: DataType,
  isNull: Register,
): readonly Register[] {
  const { builder } = l;
  const [aLow, aHigh] = a.parts as Pair;
  const [bLow, bHigh] = b.parts as Pair;
  const unsigned = type.kind === 'uint64';
  if (name === 'mul') {
    const check = unsigned ? 'mulUnsignedOverflows' : 'mulOverflows';
    if (l.overflow === 'error')
      l.failOnOverflow(builder.operation(check, aLow, aHigh, bLow, bHigh), isNull, name, type);
    return builder.operations('mulPair', aLow, aHigh, bLow, bHigh);
  }
  if (name === 'add') {
    const low = builder.operation('add32', aLow, bLow);
    const high = builder.operation('addCarry', aHigh, bHigh, low, aLow);
    const over = unsigned
      ? builder.operation('unsignedLt', low, high, aLow, aHigh)
      : builder.operation('addOverflows', aHigh, bHigh, high);
    l.failOnOverflow(over, isNull, name, type);
    return [low, high];
  }
  const low = builder.operation('sub32', aLow, bLow);
  const high = builder.operation('subBorrow', aHigh, bHigh, aLow, bLow);
  const over = unsigned
    ? builder.operation('unsignedLt', aLow, aHigh, bLow, bHigh)
    : builder.operation('subOverflows', aHigh, bHigh, high);
  l.failOnOverflow(over, isNull, name, type);
  return [low, high];
}

/** The type of `a + b` and the like, times included: an instant and a duration make an instant. */
function sumType(name: 'add' | 'sub', a: DataType, b: DataType): DataType | null {
  const nullable = a.nullable || b.nullable;
  if (isNumeric(a) && isNumeric(b)) return widerNumber(a, b);
  const decimal = decimalResult(name, a, b);
  if (decimal !== null) return decimal;
  if (!('unit' in a && 'unit' in b) || a.unit !== b.unit) return null;
  if (a.kind === 'duration' && b.kind === 'duration') return withNullability(a, nullable);
  if (a.kind === 'timestamp' && b.kind === 'duration') return withNullability(a, nullable);
  if (name === 'sub' && a.kind === 'timestamp' && b.kind === 'timestamp') {
    return withNullability(duration(a.unit), nullable);
  }
  return null;
}

function sumFunction(name: 'add' | 'sub', infix: string): FunctionDefinition {
  return {
    infix,
    takes:
      'two numbers, decimals with decimals or integers, two durations of one unit, or an instant and a duration of one unit',
    resultType: (args) => (args.length === 2 ? sumType(name, args[0] as DataType, args[1] as DataType) : null),
    lower: (l, [a, b], type) => {
      if (type.kind === 'decimal128') return decimalArithmetic(l, name, a as Value, b as Value, type);
      const operands = isNumeric(type) ? [l.widen(a as Value, type), l.widen(b as Value, type)] : [a, b];
      return arithmetic(l, name, operands[0] as Value, operands[1] as Value, type);
    },
  };
}

const mul: FunctionDefinition = {
  infix: '*',
  takes: 'two numbers, or decimals with decimals or integers',
  resultType: (args) => {
    if (args.length !== 2) return null;
    const [a, b] = args as [DataType, DataType];
    return widerNumber(a, b) ?? decimalResult('mul', a, b);
  },
  lower: (l, [a, b], type) =>
    type.kind === 'decimal128'
      ? decimalArithmetic(l, 'mul', a as Value, b as Value, type)
      : arithmetic(l, 'mul', l.widen(a as Value, type), l.widen(b as Value, type), type),
};

const div: FunctionDefinition = {
  infix: '/',
  takes: 'two numbers',
  resultType: (args) => {
    if (args.length !== 2 || !args.every(isNumber)) return null;
    return withNullability(
      float64(),
      args.some((arg) => arg.nullable),
    );
  },
  lower: (l, args, type) => {
    const [a, b] = args.map((arg) => l.toNumber(arg)) as [Register, Register];
    return l.strict(type, args, [l.builder.operation('div', a, b)]);
  },
};

/** Whole quotient or rest; a divisor of 0 gives null. */
function wholeDivision(name: 'intDiv' | 'mod', infix: string): FunctionDefinition {
  return {
    infix,
    takes: name === 'mod' ? 'two numbers' : 'two integers',
    resultType: (args) => {
      if (args.length !== 2) return null;
      const [a, b] = args as [DataType, DataType];
      const type = widerNumber(a, b) ?? (name === 'mod' ? decimalResult('mod', a, b) : null);
      return type === null || (name === 'intDiv' && !isInteger(type)) ? null : withNullability(type, true);
    },
    lower: (l, args, type) => {
      if (type.kind === 'decimal128') return decimalArithmetic(l, 'mod', args[0] as Value, args[1] as Value, type);
      const [a, b] = args.map((arg) => l.widen(arg, type)) as [Value, Value];
      return shapeOf(type) === 'pair' ? widePairDivision(l, name, a, b, type) : narrowDivision(l, name, a, b, type);
    },
  };
}

function narrowDivision(l: Lowering, name: 'intDiv' | 'mod', a: Value, b: Value, type: DataType): Value {
  const { builder } = l;
  const [x, y] = [a.parts[0] as Register, b.parts[0] as Register];
  const byZero = builder.operation('isEqual', y, builder.constant(0));
  const isNull = builder.or(l.anyNull([a, b]), isFloat(type) ? builder.constant(0) : byZero);
  if (name === 'mod') {
    const rest = builder.operation('mod', x, y);
    // The rest of a negative integer would be −0.
    return { type, isNull, parts: [isFloat(type) ? rest : builder.operation('plusZero', rest)] };
  }
  const quotient = builder.operation('plusZero', builder.operation('truncDiv', x, y));
  return { type, isNull, parts: [inRange(l, quotient, isNull, name, type)] };
}

function widePairDivision(l: Lowering, name: 'intDiv' | 'mod', a: Value, b: Value, type: DataType): Value {
  const { builder } = l;
  const [low, high] = b.parts as Pair;
  const zero = builder.constant(0);
  const byZero = builder.operation('pairEq', low, high, zero, zero);
  const isNull = builder.or(l.anyNull([a, b]), byZero);
  const unsigned = type.kind === 'uint64';
  if (!unsigned && name === 'intDiv') {
    const least = l.pairConstant(-(2 ** 63));
    const minusOne = l.pairConstant(-1);
    const atLeast = builder.operation('pairEq', ...(a.parts as Pair), ...least);
    const over = builder.and(atLeast, builder.operation('pairEq', low, high, ...minusOne));
    l.failOnOverflow(over, isNull, name, type);
  }
  // The division functions never see 0: null rows divide by 1.
  const safeLow = builder.operation('choose', isNull, builder.constant(1), low);
  const safeHigh = builder.operation('choose', isNull, zero, high);
  const operation = name === 'mod' ? (unsigned ? 'modUnsigned' : 'modPair') : unsigned ? 'divUnsigned' : 'divPair';
  return { type, isNull, parts: builder.operations(operation, ...(a.parts as Pair), safeLow, safeHigh) };
}

function signed(name: 'neg' | 'abs'): FunctionDefinition {
  return {
    takes: 'a signed number, a decimal or a duration',
    resultType: ([arg], _) => {
      const fits = arg !== undefined && (isNumber(arg) || arg.kind === 'duration') && !arg.kind.startsWith('u');
      return fits ? arg : null;
    },
    lower: (l, [arg], type) => {
      const value = arg as Value;
      if (type.kind === 'decimal128') return decimalSign(l, name, value);
      if (shapeOf(type) !== 'pair') {
        const result = l.builder.operation(name, value.parts[0] as Register);
        if (isFloat(type)) return { ...value, parts: [result] };
        const whole = l.builder.operation('plusZero', result);
        return { ...value, parts: [inRange(l, whole, value.isNull, name, type)] };
      }
      const zero: Value = { type, isNull: l.builder.constant(0), parts: l.pairConstant(0) };
      if (name === 'neg') return arithmetic(l, 'sub', zero, value, type);
      return wideAbs(l, value, type);
    },
  };
}

function wideAbs(l: Lowering, value: Value, type: DataType): Value {
  const { builder } = l;
  const [low, high] = value.parts as Pair;
  const zero = builder.constant(0);
  const negative = builder.operation('isBelow', high, zero);
  const negatedLow = builder.operation('sub32', zero, low);
  const negatedHigh = builder.operation('subBorrow', zero, high, zero, low);
  l.failOnOverflow(builder.and(negative, builder.operation('isBelow', negatedHigh, zero)), value.isNull, 'abs', type);
  const parts = [
    builder.operation('choose', negative, negatedLow, low),
    builder.operation('choose', negative, negatedHigh, high),
  ];
  return { ...value, type, parts };
}

/** Functions of one number that leave integers as they are. */
function rounding(name: 'round' | 'floor' | 'ceil' | 'trunc'): FunctionDefinition {
  return {
    takes: 'a number',
    resultType: ([arg]) => {
      if (arg?.kind === 'decimal128') return wholeDecimal(arg);
      return arg !== undefined && isNumeric(arg) ? arg : null;
    },
    lower: (l, [arg], type) => {
      const value = arg as Value;
      if (type.kind === 'decimal128') {
        return { ...value, type, parts: rescaled(l, value.parts, -scaleOf(value.type), name).parts };
      }
      return isFloat(type) ? { ...value, parts: [l.builder.operation(name, value.parts[0] as Register)] } : value;
    },
  };
}

/** Functions of numbers whose result is a float64. */
function floating(name: OperationName, count: number): FunctionDefinition {
  return {
    takes: count === 1 ? 'a number' : 'two numbers',
    resultType: (args) => {
      const fits = args.length === count && args.every(isNumber);
      return fits
        ? withNullability(
            float64(),
            args.some((arg) => arg.nullable),
          )
        : null;
    },
    lower: (l, args, type) => {
      const numbers = args.map((arg) => l.toNumber(arg));
      return l.strict(type, args, [l.builder.operation(name, ...numbers)]);
    },
  };
}

export const arithmeticFunctions = {
  add: sumFunction('add', '+'),
  sub: sumFunction('sub', '-'),
  mul,
  div,
  intDiv: wholeDivision('intDiv', '//'),
  mod: wholeDivision('mod', '%'),
  neg: signed('neg'),
  abs: signed('abs'),
  round: rounding('round'),
  floor: rounding('floor'),
  ceil: rounding('ceil'),
  trunc: rounding('trunc'),
  sqrt: floating('sqrt', 1),
  exp: floating('exp', 1),
  ln: floating('ln', 1),
  pow: floating('pow', 2),
  sign: floating('sign', 1),
} satisfies Record<string, FunctionDefinition>;
