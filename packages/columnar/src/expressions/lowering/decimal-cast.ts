import type { DataType, Decimal128 } from '../../schema/data-type.js';
import { outside, quadOf, rescaled, scaleOf } from '../functions/decimal.js';
import { isFloat } from '../numeric-types.js';
import type { Converted } from './converted.js';
import type { Lowering } from './lowering.js';
import type { Register } from './operations.js';
import { shapeOf, type Value } from './value.js';

/** Casts to decimals: numbers and texts round to the nearest digit, halves away from zero. */
export function castToDecimal(l: Lowering, value: Value, to: Decimal128): Converted {
  const { builder } = l;
  const digits = builder.constant(to.scale);
  if (isFloat(value.type)) {
    const parts = builder.operations('quadOfNumber', value.parts[0] as Register, digits);
    return { parts, bad: outside(l, { parts, over: builder.operation('out3') }, to) };
  }
  if (shapeOf(value.type) === 'text') {
    const parts = builder.operations('quadOfText', ...value.parts, digits);
    return { parts, bad: outside(l, { parts, over: builder.operation('out3') }, to) };
  }
  const quad = rescaled(l, quadOf(l, value), to.scale - scaleOf(value.type));
  return { parts: quad.parts, bad: outside(l, quad, to) };
}

/** Casts from decimals to numbers and texts; whole numbers are rounded to, halves away from zero. */
export function castFromDecimal(
  l: Lowering,
  value: Value,
  to: DataType,
  toInteger: (l: Lowering, value: Value, to: DataType) => Converted,
): Converted {
  const { builder } = l;
  const scale = builder.constant(scaleOf(value.type));
  if (shapeOf(to) === 'text') return { parts: builder.operations('quadText', ...value.parts, scale), bad: null };
  if (isFloat(to)) {
    const number = l.toNumber(value);
    return { parts: [to.kind === 'float32' ? builder.operation('fround', number) : number], bad: null };
  }
  const [low, high, w2, w3] = rescaled(l, value.parts, -scaleOf(value.type)).parts as [
    Register,
    Register,
    Register,
    Register,
  ];
  const unsigned = to.kind === 'uint64';
  const above = unsigned ? builder.constant(0) : builder.operation('signOf', high);
  const wide = builder.not(builder.operation('pairEq', w2, w3, above, above));
  const whole: Value = {
    type: { kind: unsigned ? 'uint64' : 'int64', nullable: true },
    isNull: value.isNull,
    parts: [low, high],
  };
  const integer = toInteger(l, whole, to);
  return { parts: integer.parts, bad: integer.bad === null ? wide : builder.or(wide, integer.bad) };
}
