import { errors } from '../errors.js';
import type { Column } from './column.js';

const TWO_32 = 4294967296;

/** The signed 64-bit integer of a (low, high) pair as a number; exact up to 2^53. */
export function wideToNumber(low: number, high: number): number {
  return high * TWO_32 + (low >>> 0);
}

/** The low half of an integral number of at most 2^53. */
export function lowOf(value: number): number {
  return value | 0;
}

/** The high half of an integral number of at most 2^53. */
export function highOf(value: number): number {
  return Math.floor(value / TWO_32);
}

/** The signed 64-bit integer of a pair; for the surface only. */
export function wideToBigInt(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** A number out of a 64-bit column: exact, or `VALUE_INEXACT` when it is beyond 2^53. The row must not be null. */
export function readInt64(column: Column, row: number): number {
  const low = column.values[2 * row] as number;
  const high = column.values[2 * row + 1] as number;
  const unsigned = column.type.kind === 'uint64';
  const value = wideToNumber(low, unsigned ? high >>> 0 : high);
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return value;
  throw errors.error('VALUE_INEXACT', {
    what: `cannot read row ${row} of a ${column.type.kind} column as a number`,
    why: `${value} is beyond 2^53`,
  });
}
