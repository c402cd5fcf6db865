import { decodeText } from '../../batch/column-value.js';
import { made, reserve } from './text.js';
import { OUT } from './wide-math.js';

/**
 * 128-bit decimals as four 32-bit words of two's complement, least significant first. Results come back as the first word,
 * with the others in OUT[0] to OUT[2] and OUT[3] = 1 where 128 bits do not hold the result.
 *
 * Method: schoolbook arithmetic on magnitudes in limbs of 16 bits, which floats multiply and carry exactly.
 */
const LIMBS = 24;
const a = new Float64Array(LIMBS);
const b = new Float64Array(LIMBS);
const result = new Float64Array(LIMBS);
const BASE = 65_536;

/** Loads a magnitude; true for negative numbers. */
function load(limbs: Float64Array, w0: number, w1: number, w2: number, w3: number): boolean {
  const negative = w3 < 0;
  limbs.fill(0, 8);
  let carry = negative ? 1 : 0;
  for (let word = 0; word < 4; word++) {
    const bits = word === 0 ? w0 : word === 1 ? w1 : word === 2 ? w2 : w3;
    const sum = ((negative ? ~bits : bits) >>> 0) + carry;
    carry = sum > 0xffffffff ? 1 : 0;
    limbs[2 * word] = sum & 0xffff;
    limbs[2 * word + 1] = (sum >>> 16) & 0xffff;
  }
  return negative;
}

/** Leaves a magnitude with a sign as a result. */
function store(limbs: Float64Array, negative: boolean): number {
  let over = (limbs[7] as number) >= 0x8000 ? 1 : 0;
  for (let i = 8; i < LIMBS; i++) if (limbs[i] !== 0) over = 1;
  let carry = negative ? 1 : 0;
  let first = 0;
  for (let word = 0; word < 4; word++) {
    const bits = ((limbs[2 * word + 1] as number) << 16) | (limbs[2 * word] as number);
    const sum = ((negative ? ~bits : bits) >>> 0) + carry;
    carry = sum > 0xffffffff ? 1 : 0;
    if (word === 0) first = sum | 0;
    else OUT[word - 1] = sum | 0;
  }
  OUT[3] = over;
  return first;
}

/** Multiplies in place by a factor of at most 16 bits and adds a term. */
function scale(limbs: Float64Array, factor: number, term = 0): void {
  let carry = term;
  for (let i = 0; i < LIMBS; i++) {
    const product = (limbs[i] as number) * factor + carry;
    carry = Math.floor(product / BASE);
    limbs[i] = product - carry * BASE;
  }
}

/** Divides in place by at most 16 bits; returns the rest. */
function divide(limbs: Float64Array, divisor: number): number {
  let rest = 0;
  for (let i = LIMBS - 1; i >= 0; i--) {
    const part = rest * BASE + (limbs[i] as number);
    const quotient = Math.floor(part / divisor);
    limbs[i] = quotient;
    rest = part - quotient * divisor;
  }
  return rest;
}

function scaleByPowerOfTen(limbs: Float64Array, power: number): void {
  let left = power;
  for (; left >= 4; left -= 4) scale(limbs, 10_000);
  if (left > 0) scale(limbs, 10 ** left);
}

/** Divides in place by a power of ten, towards zero; true where something was lost. */
function divideByPowerOfTen(limbs: Float64Array, power: number): boolean {
  let lost = 0;
  let left = power;
  for (; left >= 4; left -= 4) lost += divide(limbs, 10_000);
  if (left > 0) lost += divide(limbs, 10 ** left);
  return lost !== 0;
}

function compareLimbs(x: Float64Array, y: Float64Array): number {
  for (let i = LIMBS - 1; i >= 0; i--) {
    const difference = (x[i] as number) - (y[i] as number);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return 0;
}

function addLimbs(x: Float64Array, y: Float64Array): void {
  let carry = 0;
  for (let i = 0; i < LIMBS; i++) {
    const sum = (x[i] as number) + (y[i] as number) + carry;
    carry = sum >= BASE ? 1 : 0;
    x[i] = sum - carry * BASE;
  }
}

/** x − y in place, for x ≥ y. */
function subtractLimbs(x: Float64Array, y: Float64Array): void {
  let borrow = 0;
  for (let i = 0; i < LIMBS; i++) {
    const difference = (x[i] as number) - (y[i] as number) - borrow;
    borrow = difference < 0 ? 1 : 0;
    x[i] = difference + borrow * BASE;
  }
}

type Binary = (
  a0: number,
  a1: number,
  a2: number,
  a3: number,
  b0: number,
  b1: number,
  b2: number,
  b3: number,
) => number;

/** a + b. */
export const addDecimals: Binary = (a0, a1, a2, a3, b0, b1, b2, b3) => {
  const negativeA = load(a, a0, a1, a2, a3);
  return signedSum(negativeA, load(b, b0, b1, b2, b3));
};

/** a − b. */
export const subDecimals: Binary = (a0, a1, a2, a3, b0, b1, b2, b3) => {
  const negativeA = load(a, a0, a1, a2, a3);
  return signedSum(negativeA, !load(b, b0, b1, b2, b3));
};

function signedSum(negativeA: boolean, negativeB: boolean): number {
  if (negativeA === negativeB) {
    addLimbs(a, b);
    return store(a, negativeA);
  }
  if (compareLimbs(a, b) >= 0) {
    subtractLimbs(a, b);
    return store(a, negativeA);
  }
  subtractLimbs(b, a);
  return store(b, negativeB);
}

/** a · b. */
export const mulDecimals: Binary = (a0, a1, a2, a3, b0, b1, b2, b3) => {
  const negative = load(a, a0, a1, a2, a3) !== load(b, b0, b1, b2, b3);
  result.fill(0);
  for (let i = 0; i < 8; i++) {
    let carry = 0;
    for (let j = 0; j < 8; j++) {
      const sum = (a[i] as number) * (b[j] as number) + (result[i + j] as number) + carry;
      carry = Math.floor(sum / BASE);
      result[i + j] = sum - carry * BASE;
    }
    result[i + 8] = carry;
  }
  return store(result, negative);
};

/** a − b · trunc(a / b), b not 0: the sign follows a. */
export const modDecimals: Binary = (a0, a1, a2, a3, b0, b1, b2, b3) => {
  const negative = load(a, a0, a1, a2, a3);
  load(b, b0, b1, b2, b3);
  result.fill(0);
  for (let bit = 127; bit >= 0; bit--) {
    scale(result, 2, ((a[bit >> 4] as number) >> (bit & 15)) & 1);
    if (compareLimbs(result, b) >= 0) subtractLimbs(result, b);
  }
  return store(result, negative);
};

/** −1, 0 or 1 as a · 10^upA is less than, equal to or greater than b · 10^upB, exactly. */
export function compareDecimals(
  a0: number,
  a1: number,
  a2: number,
  a3: number,
  b0: number,
  b1: number,
  b2: number,
  b3: number,
  upA: number,
  upB: number,
): number {
  const negativeA = load(a, a0, a1, a2, a3);
  const negativeB = load(b, b0, b1, b2, b3);
  if (negativeA !== negativeB) return negativeA ? -1 : 1;
  scaleByPowerOfTen(a, upA);
  scaleByPowerOfTen(b, upB);
  const order = compareLimbs(a, b);
  return negativeA ? -order : order;
}

/** How a rescaled decimal loses digits: to the nearest, halves away from zero, or as the function of that name. */
export const ROUNDING = { round: 0, trunc: 1, floor: 2, ceil: 3 } as const;

/** The decimal with `by` more digits after the point, or −`by` fewer, rounded. */
export function rescaleDecimal(w0: number, w1: number, w2: number, w3: number, by: number, rounding: number): number {
  const negative = load(a, w0, w1, w2, w3);
  if (by >= 0) {
    scaleByPowerOfTen(a, by);
    return store(a, negative);
  }
  if (rounding === ROUNDING.round) {
    b.fill(0);
    b[0] = 5;
    scaleByPowerOfTen(b, -by - 1);
    addLimbs(a, b);
  }
  const lost = divideByPowerOfTen(a, -by);
  if (lost && rounding === (negative ? ROUNDING.floor : ROUNDING.ceil)) scale(a, 1, 1);
  return store(a, negative);
}

const bound = new Float64Array(LIMBS);

/** Whether a decimal has more digits than its precision. */
export function exceedsPrecision(w0: number, w1: number, w2: number, w3: number, precision: number): boolean {
  load(a, w0, w1, w2, w3);
  bound.fill(0);
  bound[0] = 1;
  scaleByPowerOfTen(bound, precision);
  return compareLimbs(a, bound) >= 0;
}

/** The decimal nearest to a float, with `scale` digits after the point; OUT[3] = 1 for NaN, infinities and what is too large. */
export function decimalOfNumber(value: number, digits: number): number {
  const scaled = Math.abs(value) * 10 ** digits;
  // What is half in binary after scaling is half; numbers beyond 2^53 are whole.
  let whole = scaled < 2 ** 52 ? Math.round(scaled) : scaled;
  a.fill(0);
  if (!(whole < 2 ** 127)) {
    OUT.fill(0, 0, 3);
    OUT[3] = 1;
    return 0;
  }
  for (let i = 0; whole > 0; i++) {
    const rest = Math.floor(whole / BASE);
    a[i] = whole - rest * BASE;
    whole = rest;
  }
  return store(a, value < 0);
}

/** The unscaled value as a float, out of the magnitude: two's complement would cancel out the digits of small negatives. */
export function decimalNumber(w0: number, w1: number, w2: number, w3: number): number {
  const negative = load(a, w0, w1, w2, w3);
  let value = 0;
  for (let i = 7; i >= 0; i--) value = value * BASE + (a[i] as number);
  return negative ? -value : value;
}

/** The exact text of a decimal with `digits` digits after the point. */
export function decimalText(w0: number, w1: number, w2: number, w3: number, digits: number): Uint8Array {
  const negative = load(a, w0, w1, w2, w3);
  const start = reserve(48);
  const bytes = made(start, start + 48);
  let at = start + 48;
  for (let written = 0; ; written++) {
    if (written === digits && digits > 0) bytes[--at] = 46;
    bytes[--at] = 48 + divide(a, 10);
    if (written >= digits && a.every(isZero)) break;
  }
  if (negative) bytes[--at] = 45;
  return made(at, start + 48);
}

const isZero = (limb: number): boolean => limb === 0;

/** The decimal that a text means, rounded to `digits` after the point; OUT[3] = 1 when it means none. */
export function parseDecimalText(bytes: Uint8Array, start: number, end: number, digits: number): number {
  const match = /^ *([+-]?)(\d*)(?:\.(\d*))? *$/.exec(decodeText(bytes, start, end));
  a.fill(0);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || whole.length + fraction.length === 0 || whole.replace(/^0+/, '').length > 38) {
    OUT[3] = 1;
    return 0;
  }
  const kept = fraction.slice(0, digits).padEnd(digits, '0');
  for (const digit of whole.replace(/^0+/, '') + kept) scale(a, 10, Number(digit));
  if ((fraction[digits] ?? '0') >= '5') scale(a, 1, 1);
  return store(a, match[1] === '-');
}
