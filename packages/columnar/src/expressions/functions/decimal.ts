import { errors } from '../../errors.js';
import type { DataType, Decimal128 } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import { asDecimal, type DecimalFunction } from '../decimal-types.js';
import type { Lowering } from '../lowering/lowering.js';
import type { Register } from '../lowering/operations.js';
import { shapeOf, type Value } from '../lowering/value.js';
import { ROUNDING } from '../runtime/decimal-math.js';

/** Words of a decimal, and where its value did not fit. */
interface Quad {
  readonly parts: readonly Register[];
  readonly over: Register;
}

const MAX_DIGITS = 38;

/** A decimal or integer as the four words of a decimal of scale 0 or its own. */
export function quadOf(l: Lowering, value: Value): readonly Register[] {
  if (shapeOf(value.type) === 'quad') return value.parts;
  const [low, high] = l.widen(value, { kind: value.type.kind === 'uint64' ? 'uint64' : 'int64', nullable: true })
    .parts as [Register, Register];
  const sign = value.type.kind === 'uint64' ? l.builder.constant(0) : l.builder.operation('signOf', high);
  return [low, high, sign, sign];
}

/** The digits after the point of a decimal or an integer. */
export function scaleOf(type: DataType): number {
  return asDecimal(type)?.scale ?? 0;
}

/** Words with `by` more digits after the point (or fewer, rounded). */
export function rescaled(
  l: Lowering,
  parts: readonly Register[],
  by: number,
  rounding: keyof typeof ROUNDING = 'round',
): Quad {
  const { builder } = l;
  if (by === 0) return { parts, over: builder.constant(0) };
  const more = builder.constant(by);
  const scaled = builder.operations('rescaleQuad', ...parts, more, builder.constant(ROUNDING[rounding]));
  return { parts: scaled, over: builder.operation('out3') };
}

/** Where words have more digits than a type, or did not fit 128 bits. */
export function outside(l: Lowering, quad: Quad, type: Decimal128): Register {
  const digits = l.builder.operation('exceedsPrecision', ...quad.parts, l.builder.constant(type.precision));
  return l.builder.or(quad.over, digits);
}

/** A decimal or integer as a decimal type that has at least its digits after the point. */
export function inDecimal(l: Lowering, value: Value, type: Decimal128): Value {
  const { parts } = rescaled(l, quadOf(l, value), type.scale - scaleOf(value.type));
  return { ...value, type, parts };
}

/** `a + b` and the like on decimals; a result of more than 38 digits fails, whatever the overflow rule. */
export function decimalArithmetic(l: Lowering, name: DecimalFunction, a: Value, b: Value, type: DataType): Value {
  const { builder } = l;
  const decimal = type as Decimal128;
  const aligned = (value: Value): Quad =>
    name === 'mul'
      ? { parts: quadOf(l, value), over: builder.constant(0) }
      : rescaled(l, quadOf(l, value), decimal.scale - scaleOf(value.type));
  const [x, y] = [aligned(a), aligned(b)];
  const parts = builder.operations(`${name}Quad`, ...x.parts, ...y.parts);
  const over = builder.or(builder.or(x.over, y.over), builder.operation('out3'));
  const isNull = name === 'mod' ? builder.or(l.anyNull([a, b]), isZero(l, b)) : l.anyNull([a, b]);
  // Only there may the digits of the result be more than its type has.
  const exceeds = decimal.precision === MAX_DIGITS ? outside(l, { parts, over }, decimal) : over;
  l.failIf(exceeds, isNull, () =>
    errors.error('ARITHMETIC_OVERFLOW', {
      what: `${name} left the range of its type`,
      why: `it is ${describeType(type)}`,
      remedy: 'Cast the operands to fewer digits, or to float64.',
    }),
  );
  return { type, isNull, parts };
}

function isZero(l: Lowering, value: Value): Register {
  const { builder } = l;
  const zero = builder.constant(0);
  const [w0, w1, w2, w3] = quadOf(l, value) as [Register, Register, Register, Register];
  return builder.and(builder.operation('pairEq', w0, w1, zero, zero), builder.operation('pairEq', w2, w3, zero, zero));
}

/** −a or |a|; no decimal is as small as the least 128-bit number. */
export function decimalSign(l: Lowering, name: 'neg' | 'abs', value: Value): Value {
  const { builder } = l;
  const zero = builder.constant(0);
  const zeros = [zero, zero, zero, zero];
  const negated = builder.operations('subQuad', ...zeros, ...value.parts);
  if (name === 'neg') return { ...value, parts: negated };
  const negative = builder.operation('isBelow', value.parts[3] as Register, zero);
  const parts = negated.map((part, i) => builder.operation('choose', negative, part, value.parts[i] as Register));
  return { ...value, parts };
}

/** A sign: below 0, 0 or above, as a is to b. */
export function decimalOrder(l: Lowering, a: Value, b: Value): Register {
  const { builder } = l;
  const [scaleA, scaleB] = [scaleOf(a.type), scaleOf(b.type)];
  const scale = Math.max(scaleA, scaleB);
  const ups = [builder.constant(scale - scaleA), builder.constant(scale - scaleB)];
  return builder.operation('compareQuads', ...quadOf(l, a), ...quadOf(l, b), ...ups);
}
