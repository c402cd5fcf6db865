import { parseDecimal } from '../batch/decimal-text.js';
import { integerRange } from '../batch/surface-write.js';
import { errors } from '../errors.js';
import type { DataType } from '../schema/data-type.js';
import { describeType } from '../schema/define-schema.js';
import { unitsPerMs } from '../schema/layout.js';
import { bool, float64, int64, utf8, withNullability } from '../schema/types.js';
import { shapeOf } from './lowering/value.js';
import type { ExprNode, LiteralValue } from './node.js';
import { isFloat, isInteger } from './numeric-types.js';

type Literal = Extract<ExprNode, { op: 'literal' }>;

/** A plain value as a literal of the given type; `EXPRESSION_INVALID` when the type cannot hold it. */
export function literalOf(value: unknown, type: DataType): Literal {
  if (value === null) return { op: 'literal', type: withNullability(type, true), value: null };
  const bare = withNullability(type, false);
  const stored = storedValue(value, bare);
  if (stored !== null) return { op: 'literal', type: bare, value: stored };
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw errors.error('EXPRESSION_INVALID', {
    what: `${shown} is not a value of type ${describeType(bare)}`,
    why: 'a plain value takes the type of the other operand',
    remedy: isInteger(bare) ? `Write lit(${shown}) for a float64.` : 'Cast the other operand first.',
  });
}

function storedValue(value: unknown, type: DataType): LiteralValue {
  if (isFloat(type)) return typeof value === 'number' || typeof value === 'bigint' ? storedFloat(Number(value)) : null;
  if (isInteger(type)) return storedInteger(value, type);
  if ('unit' in type) return storedTime(value, type);
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean' ? value : null;
    case 'utf8':
    case 'dictionary':
      return typeof value === 'string' ? value : null;
    case 'decimal128': {
      const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
      return typeof text === 'string' && parseDecimal(text, type.precision, type.scale) !== null ? text : null;
    }
    case 'binary':
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : null;
    default:
      return null;
  }
}

function storedFloat(value: number): LiteralValue {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

function storedInteger(value: unknown, type: DataType): LiteralValue {
  if (typeof value !== 'bigint' && !Number.isInteger(value)) return null;
  const whole = BigInt(value as number | bigint);
  const range = integerRange(type.kind);
  if (range !== null) return whole >= BigInt(range[0]) && whole <= BigInt(range[1]) ? Number(whole) : null;
  const fits = type.kind === 'uint64' ? BigInt.asUintN(64, whole) === whole : BigInt.asIntN(64, whole) === whole;
  return fits ? whole.toString() : null;
}

function storedTime(value: unknown, type: Extract<DataType, { unit: unknown }>): LiteralValue {
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return null;
  const units = Math.round(type.unit === 'day' ? ms / 86_400_000 : ms * unitsPerMs(type.unit));
  return shapeOf(type) === 'pair' ? BigInt(units).toString() : units;
}

/** The type that a plain value has by itself: whole bigints are int64, numbers float64. */
export function naturalType(value: unknown): DataType {
  switch (typeof value) {
    case 'number':
      return float64();
    case 'bigint':
      return int64();
    case 'boolean':
      return bool();
    case 'string':
      return utf8();
    default:
      throw errors.error('EXPRESSION_INVALID', {
        what: `${String(value)} is no literal by itself`,
        why: 'its type is not known',
        remedy: 'Give the type: lit(value, type).',
      });
  }
}
