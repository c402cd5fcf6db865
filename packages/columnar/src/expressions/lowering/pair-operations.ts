import * as wide from '../runtime/wide-math.js';
import { called, inline } from './operation.js';

/** 64-bit integers as (low, high) pairs of 32-bit words. */
export const pairOperations = {
  toInt32: inline(
    (a) => `${a} | 0`,
    (a = 0) => a | 0,
  ),
  toInt8: inline(
    (a) => `(${a} << 24) >> 24`,
    (a = 0) => (a << 24) >> 24,
  ),
  toInt16: inline(
    (a) => `(${a} << 16) >> 16`,
    (a = 0) => (a << 16) >> 16,
  ),
  toUint8: inline(
    (a) => `${a} & 255`,
    (a = 0) => a & 255,
  ),
  toUint16: inline(
    (a) => `${a} & 65535`,
    (a = 0) => a & 65535,
  ),
  toInt32Exact: called((a: number): number => wide.splitNumber(a)),
  toUint32Exact: called((a: number): number => wide.splitNumber(a) >>> 0),
  toUint32: inline(
    (a) => `${a} >>> 0`,
    (a = 0) => a >>> 0,
  ),
  signOf: inline(
    (a) => `${a} >> 31`,
    (a = 0) => a >> 31,
  ),
  add32: inline(
    (a, b) => `(${a} + ${b}) | 0`,
    (a = 0, b = 0) => (a + b) | 0,
  ),
  addCarry: inline(
    (aHigh, bHigh, low, aLow) => `(${aHigh} + ${bHigh} + ((${low} >>> 0) < (${aLow} >>> 0) ? 1 : 0)) | 0`,
    (aHigh = 0, bHigh = 0, low = 0, aLow = 0) => (aHigh + bHigh + (low >>> 0 < aLow >>> 0 ? 1 : 0)) | 0,
  ),
  sub32: inline(
    (a, b) => `(${a} - ${b}) | 0`,
    (a = 0, b = 0) => (a - b) | 0,
  ),
  subBorrow: inline(
    (aHigh, bHigh, aLow, bLow) => `(${aHigh} - ${bHigh} - ((${aLow} >>> 0) < (${bLow} >>> 0) ? 1 : 0)) | 0`,
    (aHigh = 0, bHigh = 0, aLow = 0, bLow = 0) => (aHigh - bHigh - (aLow >>> 0 < bLow >>> 0 ? 1 : 0)) | 0,
  ),
  addOverflows: inline(
    (a, b, sum) => `((${a} ^ ${sum}) & (${b} ^ ${sum})) < 0`,
    (a = 0, b = 0, sum = 0) => ((a ^ sum) & (b ^ sum)) < 0,
  ),
  subOverflows: inline(
    (a, b, difference) => `((${a} ^ ${b}) & (${a} ^ ${difference})) < 0`,
    (a = 0, b = 0, difference = 0) => ((a ^ b) & (a ^ difference)) < 0,
  ),
  pairEq: inline(
    (aLow, aHigh, bLow, bHigh) => `${aLow} === ${bLow} && ${aHigh} === ${bHigh}`,
    (aLow, aHigh, bLow, bHigh) => aLow === bLow && aHigh === bHigh,
  ),
  pairLt: inline(
    (aLow, aHigh, bLow, bHigh) => `${aHigh} < ${bHigh} || (${aHigh} === ${bHigh} && (${aLow} >>> 0) < (${bLow} >>> 0))`,
    (aLow = 0, aHigh = 0, bLow = 0, bHigh = 0) => aHigh < bHigh || (aHigh === bHigh && aLow >>> 0 < bLow >>> 0),
  ),
  unsignedLt: inline(
    (aLow, aHigh, bLow, bHigh) =>
      `(${aHigh} >>> 0) < (${bHigh} >>> 0) || (${aHigh} === ${bHigh} && (${aLow} >>> 0) < (${bLow} >>> 0))`,
    (aLow = 0, aHigh = 0, bLow = 0, bHigh = 0) =>
      aHigh >>> 0 < bHigh >>> 0 || (aHigh === bHigh && aLow >>> 0 < bLow >>> 0),
  ),
  pairToNumber: inline(
    (low, high) => `${high} * 4294967296 + (${low} >>> 0)`,
    (low = 0, high = 0) => high * 4294967296 + (low >>> 0),
  ),
  unsignedToNumber: inline(
    (low, high) => `(${high} >>> 0) * 4294967296 + (${low} >>> 0)`,
    (low = 0, high = 0) => (high >>> 0) * 4294967296 + (low >>> 0),
  ),
  splitNumber: called(wide.splitNumber, 'pair'),
  mulPair: called(wide.mulWide, 'pair'),
  mulOverflows: called(wide.mulWideOverflows),
  mulUnsignedOverflows: called(wide.mulUnsignedOverflows),
  divPair: called(wide.divWide, 'pair'),
  modPair: called(wide.modWide, 'pair'),
  divUnsigned: called(wide.divUnsigned, 'pair'),
  modUnsigned: called(wide.modUnsigned, 'pair'),
  floorToPair: called(wide.floorToWide, 'pair'),
  inPairs: called((sorted: Float64Array, low: number, high: number): boolean => {
    const key = high * 4294967296 + (low >>> 0);
    let from = 0;
    let to = sorted.length / 3;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((sorted[3 * middle] as number) < key) from = middle + 1;
      else to = middle;
    }
    // Different pairs may round to the same float.
    for (; sorted[3 * from] === key; from++)
      if (sorted[3 * from + 1] === low && sorted[3 * from + 2] === high) return true;
    return false;
  }),
};
