import type { DataType, Decimal128 } from '../schema/data-type.js';
import { decimal128, withNullability } from '../schema/types.js';

const INTEGER_DIGITS: Partial<Record<DataType['kind'], number>> = {
  int8: 3,
  int16: 5,
  int32: 10,
  int64: 19,
  uint8: 3,
  uint16: 5,
  uint32: 10,
  uint64: 20,
};

const MAX_DIGITS = 38;

/** A decimal or integer type as the decimal that holds all its values, or null. */
export function asDecimal(type: DataType): Decimal128<false> | null {
  if (type.kind === 'decimal128') return decimal128(type.precision, type.scale);
  const digits = INTEGER_DIGITS[type.kind];
  return digits === undefined ? null : decimal128(digits, 0);
}

/** Both types as decimals when at least one of them is one and the other a decimal or an integer, or null. */
export function decimalPair(a: DataType, b: DataType): readonly [Decimal128<false>, Decimal128<false>] | null {
  if (a.kind !== 'decimal128' && b.kind !== 'decimal128') return null;
  const [x, y] = [asDecimal(a), asDecimal(b)];
  return x === null || y === null ? null : [x, y];
}

export type DecimalFunction = 'add' | 'sub' | 'mul' | 'mod';

/**
 * The type of arithmetic on decimals, or null: sums keep the larger scale and one more digit, products add digits and
 * scales, at most 38 digits; a remainder is not larger than its operands.
 */
export function decimalResult(name: DecimalFunction, a: DataType, b: DataType): DataType | null {
  const pair = decimalPair(a, b);
  if (pair === null) return null;
  const nullable = a.nullable || b.nullable || name === 'mod';
  const [x, y] = pair;
  if (name === 'mul') {
    const scale = x.scale + y.scale;
    return scale > MAX_DIGITS
      ? null
      : withNullability(decimal128(Math.min(MAX_DIGITS, x.precision + y.precision), scale), nullable);
  }
  const extra = name === 'mod' ? 0 : 1;
  return withNullability(
    decimal128(Math.min(MAX_DIGITS, digitsOfBoth(x, y) + extra), Math.max(x.scale, y.scale)),
    nullable,
  );
}

/** The decimal type that holds the values of both types exactly, or null. */
export function commonDecimal(a: DataType, b: DataType): DataType | null {
  const pair = decimalPair(a, b);
  if (pair === null) return null;
  const digits = digitsOfBoth(...pair);
  if (digits > MAX_DIGITS) return null;
  return withNullability(decimal128(digits, Math.max(pair[0].scale, pair[1].scale)), a.nullable || b.nullable);
}

function digitsOfBoth(x: Decimal128, y: Decimal128): number {
  return Math.max(x.precision - x.scale, y.precision - y.scale) + Math.max(x.scale, y.scale);
}

/** The whole numbers of a decimal type, with room for rounding up. */
export function wholeDecimal(type: Decimal128): DataType {
  const digits = Math.min(MAX_DIGITS, type.precision - type.scale + 1);
  return withNullability(decimal128(digits, 0), type.nullable);
}

/** The type of a plain number or decimal text beside a decimal: just its digits. Null when it is no decimal. */
export function decimalTypeOf(text: string): Decimal128<false> | null {
  const match = /^[+-]?0*(\d*)(?:\.(\d*))?$/.exec(text);
  if (match === null || !/\d/.test(text)) return null;
  const scale = (match[2] ?? '').length;
  const digits = Math.max(1, (match[1] as string).length + scale);
  return digits > MAX_DIGITS ? null : decimal128(digits, scale);
}
