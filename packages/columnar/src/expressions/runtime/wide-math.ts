import { wideToNumber } from '../../batch/wide.js';

const TWO_32 = 4294967296;
const SAFE = Number.MAX_SAFE_INTEGER;

/** Where functions with more than one result leave the others; read at once by the caller. */
export const OUT = new Float64Array(4);

/** Leaves an integral number of at most 2^63 in magnitude as a pair: returns the low word, the high one in OUT[0]. */
export function splitNumber(value: number): number {
  const high = Math.floor(value / TWO_32);
  OUT[0] = high | 0;
  return (value - high * TWO_32) | 0;
}

/** Multiplies modulo 2^64: returns the low word, the high one in OUT[0]. */
export function mulWide(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const p00 = a0 * b0;
  const middle = a1 * b0 + (p00 >>> 16);
  const cross = a0 * b1 + (middle & 0xffff);
  const carried = a1 * b1 + Math.floor(middle / 65536) + Math.floor(cross / 65536);
  const low = ((cross & 0xffff) << 16) | (p00 & 0xffff);
  OUT[0] = (carried + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
  return low;
}

/** Whether a signed 64-bit product leaves the range. */
export function mulWideOverflows(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
  const product = wideToNumber(aLow, aHigh) * wideToNumber(bLow, bHigh);
  // The floats are off by at most 3 parts in 2^53: outside this margin the answer is certain.
  if (Math.abs(product) < 2 ** 63 - 8192) return false;
  if (Math.abs(product) > 2 ** 63 + 8192) return true;
  const low = mulWide(aLow, aHigh, bLow, bHigh);
  return Math.abs(wideToNumber(low, OUT[0] as number) - product) > 2 ** 62;
}

/** Whether an unsigned 64-bit product leaves the range. */
export function mulUnsignedOverflows(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
  const product = wideToNumber(aLow, aHigh >>> 0) * wideToNumber(bLow, bHigh >>> 0);
  if (product < 2 ** 64 - 16384) return false;
  if (product > 2 ** 64 + 16384) return true;
  const low = mulWide(aLow, aHigh, bLow, bHigh);
  return Math.abs(wideToNumber(low, (OUT[0] as number) >>> 0) - product) > 2 ** 62;
}

/** a / b rounded towards zero, for signed pairs, b not 0: returns the low word, the high one in OUT[0]. */
export function divWide(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const a = wideToNumber(aLow, aHigh);
  const b = wideToNumber(bLow, bHigh);
  if (Math.abs(a) <= SAFE && Math.abs(b) <= SAFE) return splitNumber(exactQuotient(a, b));
  return divideLarge(aLow, aHigh, bLow, bHigh);
}

/** a − b · trunc(a / b): the sign follows a; returns the low word, the high one in OUT[0]. */
export function modWide(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const a = wideToNumber(aLow, aHigh);
  const b = wideToNumber(bLow, bHigh);
  if (Math.abs(a) <= SAFE && Math.abs(b) <= SAFE) return splitNumber(a - exactQuotient(a, b) * b);
  const low = divideLarge(aLow, aHigh, bLow, bHigh);
  return subtractProduct(aLow, aHigh, low, OUT[0] as number, bLow, bHigh);
}

/** As `divWide` for unsigned pairs. */
export function divUnsigned(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  if (bHigh < 0) {
    OUT[0] = 0;
    return isUnsignedBelow(aLow, aHigh, bLow, bHigh) ? 0 : 1;
  }
  if (aHigh >= 0) return divWide(aLow, aHigh, bLow, bHigh);
  // Half of a is positive as a signed number; doubling its quotient is at most 1 short.
  const halfLow = divWide((aLow >>> 1) | (aHigh << 31), aHigh >>> 1, bLow, bHigh);
  const low = halfLow << 1;
  const high = ((OUT[0] as number) << 1) | (halfLow >>> 31);
  const restLow = subtractProduct(aLow, aHigh, low, high, bLow, bHigh);
  const restHigh = OUT[0] as number;
  if (!isUnsignedBelow(restLow, restHigh, bLow, bHigh)) return addPair(low, high, 1, 0);
  OUT[0] = high;
  return low;
}

/** As `modWide` for unsigned pairs. */
export function modUnsigned(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const low = divUnsigned(aLow, aHigh, bLow, bHigh);
  return subtractProduct(aLow, aHigh, low, OUT[0] as number, bLow, bHigh);
}

function isUnsignedBelow(aLow: number, aHigh: number, bLow: number, bHigh: number): boolean {
  return aHigh >>> 0 < bHigh >>> 0 || (aHigh === bHigh && aLow >>> 0 < bLow >>> 0);
}

/** trunc(a / b) for integers of at most 2^53: the float quotient may round up to the next integer. */
function exactQuotient(a: number, b: number): number {
  const quotient = Math.trunc(a / b);
  const rest = a - quotient * b;
  if (rest !== 0 && rest < 0 !== a < 0) return quotient - Math.sign(a) * Math.sign(b);
  return quotient;
}

/** Divides by float approximations of quotients, each of which removes about 50 bits of the rest. */
function divideLarge(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const b = wideToNumber(bLow, bHigh);
  let restLow = aLow;
  let restHigh = aHigh;
  let low = 0;
  let high = 0;
  for (let rest = wideToNumber(restLow, restHigh); !isBelow(restLow, restHigh, bLow, bHigh); ) {
    const step = Math.trunc(rest / b) || Math.sign(rest) * Math.sign(b);
    const stepLow = splitNumber(step);
    const stepHigh = OUT[0] as number;
    restLow = subtractProduct(restLow, restHigh, stepLow, stepHigh, bLow, bHigh);
    restHigh = OUT[0] as number;
    low = addPair(low, high, stepLow, stepHigh);
    high = OUT[0] as number;
    rest = wideToNumber(restLow, restHigh);
  }
  return settleSign(aHigh, restLow, restHigh, bHigh, low, high);
}

/** A rest of the wrong sign means that the quotient is one step too far from zero. */
function settleSign(
  aHigh: number,
  restLow: number,
  restHigh: number,
  bHigh: number,
  low: number,
  high: number,
): number {
  OUT[0] = high;
  if ((restLow | restHigh) === 0 || restHigh < 0 === aHigh < 0) return low;
  const towards = aHigh < 0 === bHigh < 0 ? -1 : 1;
  return addPair(low, high, towards, towards < 0 ? -1 : 0);
}

/** |rest| < |b|, exactly. */
function isBelow(restLow: number, restHigh: number, bLow: number, bHigh: number): boolean {
  const restNegative = restHigh < 0;
  const bNegative = bHigh < 0;
  const rLow = restNegative ? -restLow | 0 : restLow;
  const rHigh = restNegative ? (~restHigh + (restLow === 0 ? 1 : 0)) | 0 : restHigh;
  const dLow = bNegative ? -bLow | 0 : bLow;
  const dHigh = bNegative ? (~bHigh + (bLow === 0 ? 1 : 0)) | 0 : bHigh;
  return rHigh >>> 0 < dHigh >>> 0 || (rHigh === dHigh && rLow >>> 0 < dLow >>> 0);
}

function addPair(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const low = (aLow + bLow) | 0;
  OUT[0] = (aHigh + bHigh + (low >>> 0 < aLow >>> 0 ? 1 : 0)) | 0;
  return low;
}

function subtractProduct(
  aLow: number,
  aHigh: number,
  qLow: number,
  qHigh: number,
  bLow: number,
  bHigh: number,
): number {
  const pLow = mulWide(qLow, qHigh, bLow, bHigh);
  const pHigh = OUT[0] as number;
  const low = (aLow - pLow) | 0;
  OUT[0] = (aHigh - pHigh - (aLow >>> 0 < pLow >>> 0 ? 1 : 0)) | 0;
  return low;
}

/** floor(a / b) · b for signed pairs and b > 0: the start of the bucket of a. */
export function floorToWide(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const a = wideToNumber(aLow, aHigh);
  const b = wideToNumber(bLow, bHigh);
  if (Math.abs(a) <= SAFE && b <= SAFE) {
    // The remainder operator on floats is many times slower than this.
    const start = Math.floor(a / b) * b;
    return splitNumber(start > a ? start - b : start + b <= a ? start + b : start);
  }
  const restLow = modWide(aLow, aHigh, bLow, bHigh);
  const restHigh = OUT[0] as number;
  const low = (aLow - restLow) | 0;
  const high = (aHigh - restHigh - (aLow >>> 0 < restLow >>> 0 ? 1 : 0)) | 0;
  OUT[0] = high;
  if (restHigh >= 0) return low;
  const down = (low - bLow) | 0;
  OUT[0] = (high - bHigh - (low >>> 0 < bLow >>> 0 ? 1 : 0)) | 0;
  return down;
}
