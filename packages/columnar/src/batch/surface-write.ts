import { errors } from '../errors.js';
import type { DataType } from '../schema/data-type.js';
import { describeType } from '../schema/define-schema.js';
import { unitsPerMs } from '../schema/layout.js';
import type { ColumnValues } from './column.js';
import { parseDecimal, writeDecimal } from './decimal-text.js';
import { highOf, lowOf } from './wide.js';

/** Writes one surface value into a fixed-width buffer, `at` counted in elements; false when it does not fit. */
export type SurfaceWriter = (values: ColumnValues, at: number, value: unknown) => boolean;

const INTEGER_RANGES: Partial<Record<DataType['kind'], readonly [number, number]>> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
};

const MS_PER_DAY = 86_400_000;

/** The smallest and largest value of an integer type of at most 32 bits, or null for other types. */
export function integerRange(kind: DataType['kind']): readonly [number, number] | null {
  return INTEGER_RANGES[kind] ?? null;
}

/** How surface values of a fixed-width type are stored. */
export function surfaceWriter(type: DataType): SurfaceWriter {
  switch (type.kind) {
    case 'float32':
    case 'float64':
      return writeNumber;
    case 'int64':
      return writeBigInt(-(2n ** 63n), 2n ** 63n - 1n);
    case 'uint64':
      return writeBigInt(0n, 2n ** 64n - 1n);
    case 'timestamp':
    case 'duration':
      return writeScaledWide(unitsPerMs(type.unit));
    case 'date':
      return type.unit === 'day' ? writeScaled(1 / MS_PER_DAY) : writeScaledWide(1);
    case 'time':
      return type.unit === 's' || type.unit === 'ms'
        ? writeScaled(unitsPerMs(type.unit))
        : writeScaledWide(unitsPerMs(type.unit));
    case 'decimal128':
      return (values, at, value) => {
        if (typeof value !== 'string') return false;
        const unscaled = parseDecimal(value, type.precision, type.scale);
        if (unscaled !== null) writeDecimal(values as Int32Array, at, unscaled);
        return unscaled !== null;
      };
    default: {
      const [low, high] = integerRange(type.kind) as readonly [number, number];
      return (values, at, value) => {
        if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) return false;
        values[at] = value;
        return true;
      };
    }
  }
}

const writeNumber: SurfaceWriter = (values, at, value) => {
  if (typeof value !== 'number') return false;
  values[at] = value;
  return true;
};

function writeBigInt(low: bigint, high: bigint): SurfaceWriter {
  return (values, at, value) => {
    if (typeof value !== 'bigint' || value < low || value > high) return false;
    values[at] = Number(BigInt.asIntN(32, value));
    values[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
    return true;
  };
}

function writeScaledWide(perMs: number): SurfaceWriter {
  return (values, at, value) => {
    if (typeof value !== 'number') return false;
    const units = Math.round(value * perMs);
    if (!(Math.abs(units) < 2 ** 63)) return false;
    values[at] = lowOf(units);
    values[at + 1] = highOf(units);
    return true;
  };
}

function writeScaled(perMs: number): SurfaceWriter {
  return (values, at, value) => {
    if (typeof value !== 'number') return false;
    const units = Math.round(value * perMs);
    if (!(Math.abs(units) < 2 ** 31)) return false;
    values[at] = units;
    return true;
  };
}

/** The error for a surface value that its column cannot hold. */
export function invalidValue(column: string, type: DataType, value: unknown): Error {
  const shown =
    typeof value === 'bigint' ? `${value}n` : typeof value === 'string' ? JSON.stringify(value) : `${value}`;
  return errors.error('VALUE_INVALID', {
    what: `column "${column}" cannot hold ${shown.slice(0, 80)}`,
    why: `it is ${describeType(type)}, which takes ${expectation(type)}`,
  });
}

function expectation(type: DataType): string {
  const range = integerRange(type.kind);
  if (range !== null) return `a whole number from ${range[0]} to ${range[1]}`;
  switch (type.kind) {
    case 'int64':
    case 'uint64':
      return `a bigint of 64 bits, such as 15n`;
    case 'bool':
      return 'true or false';
    case 'utf8':
    case 'dictionary':
      return 'a string';
    case 'binary':
      return 'a Uint8Array';
    case 'timestamp':
    case 'date':
      return 'epoch milliseconds as a number';
    case 'time':
    case 'duration':
      return 'milliseconds as a number';
    case 'decimal128':
      return `text of at most ${type.precision} digits, ${type.scale} of them after the point`;
    case 'list':
      return 'an array';
    case 'struct':
      return 'an object with its fields';
    default:
      return 'a number';
  }
}
