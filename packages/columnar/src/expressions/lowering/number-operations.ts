import { called, inline } from './operation.js';

export const logicOperations = {
  and: inline(
    (a, b) => `${a} && ${b}`,
    (a = 0, b = 0) => a && b,
  ),
  or: inline(
    (a, b) => `${a} || ${b}`,
    (a = 0, b = 0) => a || b,
  ),
  not: inline(
    (a) => `!${a}`,
    (a) => !a,
  ),
  choose: inline(
    (c, a, b) => `${c} ? ${a} : ${b}`,
    (c, a = 0, b = 0) => (c ? a : b),
  ),
};

/** Floats compare as in SQL databases: NaN equals NaN and is greater than every number. */
export const numberOperations = {
  add: inline(
    (a, b) => `${a} + ${b}`,
    (a = 0, b = 0) => a + b,
  ),
  sub: inline(
    (a, b) => `${a} - ${b}`,
    (a = 0, b = 0) => a - b,
  ),
  mul: inline(
    (a, b) => `${a} * ${b}`,
    (a = 0, b = 0) => a * b,
  ),
  div: inline(
    (a, b) => `${a} / ${b}`,
    (a = 0, b = 0) => a / b,
  ),
  truncDiv: inline(
    (a, b) => `Math.trunc(${a} / ${b})`,
    (a = 0, b = 0) => Math.trunc(a / b),
  ),
  mod: inline(
    (a, b) => `${a} % ${b}`,
    (a = 0, b = 0) => a % b,
  ),
  neg: inline(
    (a) => `-${a}`,
    (a = 0) => -a,
  ),
  abs: inline(
    (a) => `Math.abs(${a})`,
    (a = 0) => Math.abs(a),
  ),
  round: called((a: number): number => Math.sign(a) * Math.round(Math.abs(a))),
  /** To the nearest whole number, halves to the even one. */
  roundEven: called((a: number): number => {
    const rounded = Math.round(a);
    return Math.abs(a % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
  }),
  floor: inline(
    (a) => `Math.floor(${a})`,
    (a = 0) => Math.floor(a),
  ),
  ceil: inline(
    (a) => `Math.ceil(${a})`,
    (a = 0) => Math.ceil(a),
  ),
  trunc: inline(
    (a) => `Math.trunc(${a})`,
    (a = 0) => Math.trunc(a),
  ),
  sqrt: inline(
    (a) => `Math.sqrt(${a})`,
    (a = 0) => Math.sqrt(a),
  ),
  exp: inline(
    (a) => `Math.exp(${a})`,
    (a = 0) => Math.exp(a),
  ),
  ln: inline(
    (a) => `Math.log(${a})`,
    (a = 0) => Math.log(a),
  ),
  pow: inline(
    (a, b) => `Math.pow(${a}, ${b})`,
    (a = 0, b = 0) => a ** b,
  ),
  sign: inline(
    (a) => `Math.sign(${a})`,
    (a = 0) => Math.sign(a),
  ),
  fround: inline(
    (a) => `Math.fround(${a})`,
    (a = 0) => Math.fround(a),
  ),
  plusZero: inline(
    (a) => `${a} + 0`,
    (a = 0) => a + 0,
  ),
  isBelow: inline(
    (a, b) => `${a} < ${b}`,
    (a = 0, b = 0) => a < b,
  ),
  isAbove: inline(
    (a, b) => `${a} > ${b}`,
    (a = 0, b = 0) => a > b,
  ),
  /** Bools and numbers compare alike whether a bool is held as true or as 1. */
  sameNumber: inline(
    (a, b) => `+${a} === +${b}`,
    (a, b) => Number(a) === Number(b),
  ),
  isEqual: inline(
    (a, b) => `${a} === ${b}`,
    (a, b) => a === b,
  ),
  isNaN: inline(
    (a) => `${a} !== ${a}`,
    (a = 0) => Number.isNaN(a),
  ),
  isOutside: inline(
    (a, low, high) => `!(${a} >= ${low} && ${a} <= ${high})`,
    (a = 0, low = 0, high = 0) => !(a >= low && a <= high),
  ),
  floatEq: inline(
    (a, b) => `${a} === ${b} || (${a} !== ${a} && ${b} !== ${b})`,
    (a = 0, b = 0) => a === b || (Number.isNaN(a) && Number.isNaN(b)),
  ),
  floatLt: inline(
    (a, b) => `!(${a} >= ${b}) && ${a} === ${a}`,
    (a = 0, b = 0) => !(a >= b) && !Number.isNaN(a),
  ),
  compareToZero: inline(
    (a, sign) => `${a} * ${sign} > 0`,
    (a = 0, sign = 0) => a * sign > 0,
  ),
  inSorted: called((sorted: Float64Array, value: number): boolean => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return sorted[low] === value;
  }),
};
