import { integerRange } from '../../batch/surface-write.js';
import { errors } from '../../errors.js';
import type { DataType, TimeUnit } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import { unitsPerMs } from '../../schema/layout.js';
import { isFloat, isNumeric } from '../numeric-types.js';
import type { Converted } from './converted.js';
import { castFromDecimal, castToDecimal } from './decimal-cast.js';
import type { Lowering } from './lowering.js';
import type { Register } from './operations.js';
import { castTextToTime, timeText } from './time-text-cast.js';
import { shapeOf, type Value } from './value.js';

type Pair = readonly [Register, Register];
const isText = (type: DataType): boolean => type.kind === 'utf8' || type.kind === 'dictionary';
const isWideTime = (type: DataType): boolean => 'unit' in type && shapeOf(type) === 'pair';

/** Whether there is a cast between two types at all. */
export function canCast(from: DataType, to: DataType): boolean {
  if (from.kind === to.kind && !('unit' in from)) return shapeOf(from) !== 'place';
  if (to.kind === 'decimal128') return isNumeric(from) || isText(from);
  if (isNumeric(from)) {
    return isNumeric(to) || to.kind === 'bool' || isText(to) || (from.kind === 'int64' && isWideTime(to));
  }
  if (from.kind === 'bool') return isNumeric(to) || isText(to);
  if (isText(from)) return isNumeric(to) || to.kind === 'bool' || isText(to) || isCalendar(to);
  if (from.kind === 'decimal128') return isNumeric(to) || isText(to);
  if ('unit' in from) {
    if (isText(to)) return isCalendar(from);
    if (to.kind === 'int64') return isWideTime(from);
    return (from.kind === to.kind && from.kind !== 'time') || (isDay(from, to) && 'unit' in to);
  }
  return false;
}

/** Types that ISO 8601 writes. */
function isCalendar(type: DataType): boolean {
  return type.kind === 'timestamp' || type.kind === 'date' || type.kind === 'time';
}

function isDay(a: DataType, b: DataType): boolean {
  return (a.kind === 'timestamp' && b.kind === 'date') || (a.kind === 'date' && b.kind === 'timestamp');
}

/** A value as another type; what does not fit fails with `CAST_INVALID` or becomes null. */
export function lowerCast(l: Lowering, value: Value, to: DataType, onError: 'fail' | 'null'): Value {
  const { parts, bad } = convert(l, value, to);
  if (bad === null) return { type: to, isNull: value.isNull, parts };
  if (onError === 'null') return { type: to, isNull: l.builder.or(value.isNull, bad), parts };
  l.failIf(bad, value.isNull, () =>
    errors.error('CAST_INVALID', {
      what: `cannot cast a value from ${describeType(value.type)} to ${describeType(to)}`,
      why: 'it has no such value',
    }),
  );
  return { type: to, isNull: value.isNull, parts };
}

function convert(l: Lowering, value: Value, to: DataType): Converted {
  const from = value.type;
  if ('unit' in to && isText(from)) return castTextToTime(l, value, to);
  if ('unit' in from && isText(to)) return { parts: timeText(l, value), bad: null };
  if ('unit' in from || 'unit' in to) return convertTime(l, value, to);
  if (to.kind === 'decimal128') return castToDecimal(l, value, to);
  if (from.kind === 'decimal128') return castFromDecimal(l, value, to, integerToInteger);
  if (isText(to)) return { parts: textOf(l, value), bad: null };
  if (isText(from)) return parse(l, value, to);
  if (to.kind === 'bool') return { parts: [toBool(l, value)], bad: null };
  if (from.kind === 'bool')
    return numberTo(
      l,
      l.builder.operation('choose', value.parts[0] as Register, l.builder.constant(1), l.builder.constant(0)),
      to,
    );
  if (isFloat(to)) {
    const number = l.toNumber(value);
    return { parts: [to.kind === 'float32' ? l.builder.operation('fround', number) : number], bad: null };
  }
  if (isFloat(from)) return numberTo(l, l.builder.operation('roundEven', value.parts[0] as Register), to);
  return integerToInteger(l, value, to);
}

function toBool(l: Lowering, value: Value): Register {
  const { builder } = l;
  const zero = builder.constant(0);
  if (value.type.kind === 'bool') return value.parts[0] as Register;
  if (shapeOf(value.type) === 'pair')
    return builder.not(builder.operation('pairEq', ...(value.parts as Pair), zero, zero));
  return builder.not(builder.operation('isEqual', builder.operation('plusZero', value.parts[0] as Register), zero));
}

/** A whole number in a float as an integer type. */
function numberTo(l: Lowering, number: Register, to: DataType): Converted {
  const { builder } = l;
  const range = integerRange(to.kind);
  if (isFloat(to)) return { parts: [number], bad: null };
  if (range !== null) {
    const bad = builder.operation('isOutside', number, builder.constant(range[0]), builder.constant(range[1]));
    return { parts: [builder.operation('plusZero', number)], bad };
  }
  // The greatest floats below 2^63 and 2^64.
  const [low, high] = to.kind === 'uint64' ? [0, 2 ** 64 - 2048] : [-(2 ** 63), 2 ** 63 - 1024];
  const bad = builder.operation('isOutside', number, builder.constant(low), builder.constant(high));
  return { parts: builder.operations('splitNumber', number), bad };
}

function integerToInteger(l: Lowering, value: Value, to: DataType): Converted {
  const { builder } = l;
  const range = integerRange(to.kind);
  const fromPair = shapeOf(value.type) === 'pair';
  if (range === null) {
    const wide = l.widen(value, to);
    const crosses = value.type.kind.startsWith('u') !== to.kind.startsWith('u') && (fromPair || to.kind === 'uint64');
    const bad = crosses ? builder.operation('isBelow', wide.parts[1] as Register, builder.constant(0)) : null;
    return { parts: wide.parts, bad };
  }
  // Beyond 2^53 the float is inexact but still outside of every smaller range.
  const number = l.toNumber(value);
  const bad = builder.operation('isOutside', number, builder.constant(range[0]), builder.constant(range[1]));
  return { parts: [number], bad };
}

function textOf(l: Lowering, value: Value): readonly Register[] {
  const { builder } = l;
  if (isText(value.type)) return value.parts;
  if (value.type.kind === 'bool') return builder.operations('boolText', value.parts[0] as Register);
  if (shapeOf(value.type) !== 'pair') return builder.operations('numberText', value.parts[0] as Register);
  const unsigned = builder.constant(value.type.kind === 'uint64');
  return builder.operations('wideText', ...(value.parts as Pair), unsigned);
}

function parse(l: Lowering, value: Value, to: DataType): Converted {
  const { builder } = l;
  if (to.kind === 'bool') {
    const state = builder.operation('parseBool', ...value.parts);
    const bad = builder.operation('isEqual', state, builder.constant(2));
    return { parts: [builder.operation('isEqual', state, builder.constant(1))], bad };
  }
  if (isFloat(to)) {
    const number = builder.operation('parseNumber', ...value.parts);
    const bad = builder.operation('isEqual', builder.operation('out0'), builder.constant(1));
    return { parts: [to.kind === 'float32' ? builder.operation('fround', number) : number], bad };
  }
  const unsigned = builder.constant(to.kind === 'uint64');
  const parts = builder.operations('parseWide', ...value.parts, unsigned);
  const unreadable = builder.operation('isEqual', builder.operation('out1'), builder.constant(1));
  if (shapeOf(to) === 'pair') return { parts, bad: unreadable };
  const wide: Value = { type: { kind: 'int64', nullable: true }, isNull: value.isNull, parts };
  const narrow = integerToInteger(l, wide, to);
  return { parts: narrow.parts, bad: builder.or(unreadable, narrow.bad as Register) };
}

/** Units of a time type per day, or null for the raw integer. */
function perDay(type: DataType): number | null {
  if (!('unit' in type)) return null;
  return type.unit === 'day' ? 1 : 86_400_000 * unitsPerMs(type.unit as TimeUnit);
}

function convertTime(l: Lowering, value: Value, to: DataType): Converted {
  const { builder } = l;
  const from = perDay(value.type);
  const target = perDay(to);
  if (from === null || target === null) return { parts: value.parts, bad: null };
  const wide = l.widen(
    { ...value, type: shapeOf(value.type) === 'pair' ? value.type : { kind: 'int32', nullable: true } },
    { kind: 'int64', nullable: true },
  );
  let parts = wide.parts as Pair;
  // A calendar day is the start of the day, in any unit.
  if (to.kind === 'date' && value.type.kind !== 'date') {
    parts = builder.operations('floorToPair', ...parts, ...l.pairConstant(from)) as Pair;
  }
  if (target > from) {
    const factor = l.pairConstant(target / from);
    const bad = builder.operation('mulOverflows', ...parts, ...factor);
    return { parts: builder.operations('mulPair', ...parts, ...factor), bad };
  }
  if (target < from) {
    const unit = l.pairConstant(from / target);
    const start = builder.operations('floorToPair', ...parts, ...unit) as Pair;
    parts = builder.operations('divPair', ...start, ...unit) as Pair;
  }
  return { parts: shapeOf(to) === 'pair' ? parts : [builder.operation('pairToNumber', ...parts)], bad: null };
}
