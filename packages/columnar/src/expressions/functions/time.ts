import type { DataType, TimeUnit } from '../../schema/data-type.js';
import { unitsPerMs } from '../../schema/layout.js';
import { float64, int32, timestamp, withNullability } from '../../schema/types.js';
import type { Lowering } from '../lowering/lowering.js';
import type { OperationName, Register } from '../lowering/operations.js';
import { shapeOf, type Value } from '../lowering/value.js';
import { ZoneOffsets } from '../runtime/zone-offsets.js';
import type { FunctionDefinition } from './function-definition.js';

/** Lengths of the units that all have one length, in milliseconds. */
const FIXED_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };

export type TruncateUnit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
export type ExtractField =
  | 'year'
  | 'quarter'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'dayOfWeek'
  | 'dayOfYear'
  | 'week';

const isInstant = (type: DataType | undefined): boolean => type?.kind === 'timestamp' || type?.kind === 'date';

function unitsPerDay(type: DataType): number {
  const { unit } = type as { unit: TimeUnit | 'day' };
  return unit === 'day' ? 1 : 86_400_000 * unitsPerMs(unit);
}

/** Days since 1970-01-01 of an instant, exactly. */
function dayOf(l: Lowering, value: Value): Register {
  if (shapeOf(value.type) === 'number') return value.parts[0] as Register;
  const { builder } = l;
  const perDay = unitsPerDay(value.type);
  const start = builder.operations('floorToPair', ...value.parts, ...l.pairConstant(perDay));
  const days = builder.operation('div', builder.operation('pairToNumber', ...start), builder.constant(perDay));
  return builder.operation('roundWhole', days);
}

/** Units since midnight. */
function unitsOfDay(l: Lowering, value: Value): Register {
  const { builder } = l;
  if (shapeOf(value.type) === 'number') return builder.constant(0);
  const [low, high] = value.parts as [Register, Register];
  const [startLow, startHigh] = builder.operations(
    'floorToPair',
    low,
    high,
    ...l.pairConstant(unitsPerDay(value.type)),
  ) as [Register, Register];
  const restLow = builder.operation('sub32', low, startLow);
  return builder.operation('pairToNumber', restLow, builder.operation('subBorrow', high, startHigh, low, startLow));
}

/** The instant that a day starts with, in the given type. */
function fromDay(l: Lowering, day: Register, type: DataType): readonly Register[] {
  if (shapeOf(type) === 'number') return [day];
  const { builder } = l;
  const low = builder.operation('toInt32', day);
  return builder.operations('mulPair', low, builder.operation('signOf', low), ...l.pairConstant(unitsPerDay(type)));
}

const truncate: FunctionDefinition = {
  takes: 'an instant and a unit from millisecond to year',
  resultType: ([arg], [unit]) => {
    const known = typeof unit === 'string' && (unit in FIXED_MS || unit in MONTHS || unit === 'week');
    return known && isInstant(arg) ? (arg as DataType) : null;
  },
  lower: (l, [arg], type, [unit]) => {
    const value = arg as Value;
    const ms = FIXED_MS[unit as string];
    if (ms !== undefined) {
      const units = shapeOf(type) === 'number' ? 1 : ms * (unitsPerDay(type) / 86_400_000);
      if (units <= 1) return value;
      return { ...value, parts: l.builder.operations('floorToPair', ...value.parts, ...l.pairConstant(units)) };
    }
    const day = dayOf(l, value);
    const start =
      unit === 'week'
        ? l.builder.operation('startOfWeek', day)
        : l.builder.operation('startOfMonths', day, l.builder.constant(MONTHS[unit as string] as number));
    return { ...value, parts: fromDay(l, start, type) };
  },
};

const DAY_FIELDS: Readonly<Record<string, OperationName>> = {
  year: 'year',
  month: 'month',
  day: 'dayOfMonth',
  dayOfWeek: 'isoWeekday',
  dayOfYear: 'dayOfYear',
  week: 'isoWeek',
};
/** Length in milliseconds, and how many make the next larger field. */
const CLOCK_FIELDS: Readonly<Record<string, readonly [ms: number, count: number]>> = {
  hour: [3_600_000, 24],
  minute: [60_000, 60],
  second: [1000, 60],
  millisecond: [1, 1000],
};

const extract: FunctionDefinition = {
  takes: 'an instant and the name of a field from year to millisecond',
  resultType: ([arg], [field]) => {
    const known = typeof field === 'string' && (field in DAY_FIELDS || field in CLOCK_FIELDS || field === 'quarter');
    return known && isInstant(arg) ? withNullability(int32(), (arg as DataType).nullable) : null;
  },
  lower: (l, [arg], type, [field]) => {
    const { builder } = l;
    const value = arg as Value;
    const result = (part: Register): Value => ({ type, isNull: value.isNull, parts: [part] });
    const name = DAY_FIELDS[field as string];
    if (name !== undefined) return result(builder.operation(name, dayOf(l, value)));
    if (field === 'quarter') {
      const month = builder.operation('month', dayOf(l, value));
      return result(builder.operation('ceil', builder.operation('div', month, builder.constant(3))));
    }
    const [ms, count] = CLOCK_FIELDS[field as string] as readonly [number, number];
    const perUnit = ms * (unitsPerDay(value.type) / 86_400_000);
    const whole = builder.operation('floor', builder.operation('div', unitsOfDay(l, value), builder.constant(perUnit)));
    return result(builder.operation('mod', whole, builder.constant(count)));
  },
};

/** Milliseconds of a time value as a float. */
function msOf(l: Lowering, value: Value): Register {
  const raw = l.toNumber(value);
  const perMs = unitsPerDay(value.type) / 86_400_000;
  return perMs === 1 ? raw : l.builder.operation('div', raw, l.builder.constant(perMs));
}

const epochMs: FunctionDefinition = {
  takes: 'an instant, a duration or a time of day',
  resultType: ([arg]) => (arg !== undefined && 'unit' in arg ? withNullability(float64(), arg.nullable) : null),
  lower: (l, args, type) => l.strict(type, args, [msOf(l, args[0] as Value)]),
};

/** Adds whole units to a 64-bit time. */
function addUnits(l: Lowering, value: Value, more: readonly Register[], name: string): readonly Register[] {
  const { builder } = l;
  const [low, high] = value.parts as [Register, Register];
  const [moreLow, moreHigh] = more as [Register, Register];
  const sumLow = builder.operation('add32', low, moreLow);
  const sumHigh = builder.operation('addCarry', high, moreHigh, sumLow, low);
  l.failOnOverflow(builder.operation('addOverflows', high, moreHigh, sumHigh), value.isNull, name, value.type);
  return [sumLow, sumHigh];
}

const addMs: FunctionDefinition = {
  takes: 'an instant or duration of 64 bits and a number of milliseconds',
  resultType: (args, [ms]) => {
    const [arg] = args;
    const fits = arg !== undefined && 'unit' in arg && shapeOf(arg) === 'pair' && typeof ms === 'number';
    return fits ? arg : null;
  },
  lower: (l, [arg], type, [ms]) => {
    const value = arg as Value;
    const units = Math.round((ms as number) * (unitsPerDay(type) / 86_400_000));
    return { ...value, parts: addUnits(l, value, l.pairConstant(units), 'addMs') };
  },
};

const addMonths: FunctionDefinition = {
  takes: 'an instant and a whole number of months',
  resultType: ([arg], [months]) => (isInstant(arg) && Number.isInteger(months) ? (arg as DataType) : null),
  lower: (l, [arg], type, [months]) => {
    const { builder } = l;
    const value = arg as Value;
    const moved = builder.operation('addMonths', dayOf(l, value), builder.constant(months as number));
    const start: Value = { type, isNull: value.isNull, parts: fromDay(l, moved, type) };
    if (shapeOf(type) === 'number') return start;
    const rest = builder.operations('splitNumber', unitsOfDay(l, value));
    return { ...start, parts: addUnits(l, start, rest, 'addMonths') };
  },
};

/** The wall clock of a zone, as an instant without one. */
const inZone: FunctionDefinition = {
  takes: 'a timestamp and the name of a time zone',
  costly: true,
  resultType: ([arg], [zone]) => {
    if (arg?.kind !== 'timestamp' || typeof zone !== 'string' || !ZoneOffsets.isZone(zone)) return null;
    return withNullability(timestamp(arg.unit), arg.nullable);
  },
  lower: (l, [arg], type, [zone]) => {
    const { builder } = l;
    const value = arg as Value;
    const offsets = builder.object(new ZoneOffsets(zone as string));
    const ms = builder.operation('zoneOffset', offsets, msOf(l, value));
    const units = builder.operation('mul', ms, builder.constant(unitsPerDay(type) / 86_400_000));
    return {
      type,
      isNull: value.isNull,
      parts: addUnits(l, value, builder.operations('splitNumber', units), 'inZone'),
    };
  },
};

export const timeFunctions = {
  truncate,
  extract,
  epochMs,
  addMs,
  addMonths,
  inZone,
} satisfies Record<string, FunctionDefinition>;
