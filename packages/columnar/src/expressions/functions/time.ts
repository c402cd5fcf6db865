import type { DataType, Timestamp } from '../../schema/data-type.js';
import { float64, int32, int64, timestamp, withNullability } from '../../schema/types.js';
import { addUnits, dayOf, fromDay, msOf, unitsOfDay, unitsPerDay } from '../lowering/instants.js';
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

const isUnit = (unit: unknown): boolean =>
  typeof unit === 'string' && (Object.hasOwn(FIXED_MS, unit) || Object.hasOwn(MONTHS, unit) || unit === 'week');

const isInstant = (type: DataType | undefined): boolean => type?.kind === 'timestamp' || type?.kind === 'date';

const truncate: FunctionDefinition = {
  takes: 'an instant and a unit from millisecond to year',
  resultType: ([arg], [unit]) => {
    const known = isUnit(unit);
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

const isField = (field: unknown): boolean =>
  typeof field === 'string' &&
  (Object.hasOwn(DAY_FIELDS, field) || Object.hasOwn(CLOCK_FIELDS, field) || field === 'quarter');

const extract: FunctionDefinition = {
  takes: 'an instant and the name of a field from year to millisecond',
  resultType: ([arg], [field]) => {
    const known = isField(field);
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

const epochMs: FunctionDefinition = {
  takes: 'an instant, a duration or a time of day',
  resultType: ([arg]) => (arg !== undefined && 'unit' in arg ? withNullability(float64(), arg.nullable) : null),
  lower: (l, args, type) => l.strict(type, args, [msOf(l, args[0] as Value)]),
};

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

const addDays: FunctionDefinition = {
  takes: 'an instant and a whole number of days',
  resultType: ([arg], [days]) => (isInstant(arg) && Number.isInteger(days) ? (arg as DataType) : null),
  lower: (l, [arg], type, [days]) => {
    const { builder } = l;
    const value = arg as Value;
    if (shapeOf(type) === 'pair') {
      return { ...value, parts: addUnits(l, value, l.pairConstant((days as number) * unitsPerDay(type)), 'addDays') };
    }
    const sum = builder.operation('add', value.parts[0] as Register, builder.constant(days as number));
    const [least, most] = [builder.constant(-(2 ** 31)), builder.constant(2 ** 31 - 1)];
    l.failOnOverflow(builder.operation('isOutside', sum, least, most), value.isNull, 'addDays', type);
    return { ...value, parts: [l.overflow === 'wrap' ? builder.operation('toInt32', sum) : sum] };
  },
};

/** How many starts of a unit lie between two instants: what DuckDB calls date_diff and SQL Server DATEDIFF. */
const diff: FunctionDefinition = {
  takes: 'two instants of one kind and unit, and a unit from millisecond to year',
  resultType: (args, [unit]) => {
    const [a, b] = args;
    if (args.length !== 2 || !isInstant(a) || !isInstant(b) || a?.kind !== b?.kind) return null;
    const oneUnit = (a as { unit: string }).unit === (b as { unit: string }).unit;
    const known = isUnit(unit);
    return oneUnit && known
      ? withNullability(
          int64(),
          args.some((arg) => arg.nullable),
        )
      : null;
  },
  lower: (l, args, type, [unit]) => {
    const [a, b] = args.map((arg) => unitsBefore(l, arg, unit as string)) as [readonly Register[], readonly Register[]];
    const [aLow, aHigh, bLow, bHigh] = [...a, ...b] as [Register, Register, Register, Register];
    const { builder } = l;
    return l.strict(type, args, [
      builder.operation('sub32', aLow, bLow),
      builder.operation('subBorrow', aHigh, bHigh, aLow, bLow),
    ]);
  },
};

/** How many units started from 1970 to an instant, as a pair. */
function unitsBefore(l: Lowering, value: Value, unit: string): readonly Register[] {
  const { builder } = l;
  const ms = FIXED_MS[unit];
  const wide = shapeOf(value.type) === 'pair';
  if (ms !== undefined && wide) {
    const length = (ms * unitsPerDay(value.type)) / 86_400_000;
    if (length < 1) return builder.operations('mulPair', ...value.parts, ...l.pairConstant(1 / length));
    const start = builder.operations('floorToPair', ...value.parts, ...l.pairConstant(length));
    return builder.operations('divPair', ...start, ...l.pairConstant(length));
  }
  const day = dayOf(l, value);
  const months = MONTHS[unit];
  const count =
    ms !== undefined
      ? builder.operation('mul', day, builder.constant(86_400_000 / ms))
      : unit === 'week'
        ? builder.operation('div', builder.operation('startOfWeek', day), builder.constant(7))
        : builder.operation('monthsBefore', day, builder.constant(months as number));
  return builder.operations('splitNumber', builder.operation('floor', count));
}

/** The wall clock of a zone, as an instant without one. */
const inZone: FunctionDefinition = {
  takes: 'a timestamp and the name of a time zone',
  costly: true,
  resultType: ([arg], [zone]) => (isZoned(arg, zone) ? withNullability(timestamp(arg.unit), arg.nullable) : null),
  lower: (l, [arg], type, [zone]) => moved(l, arg as Value, type, 'inZone', zone as string),
};

/** The instant at which the wall clock of a zone shows a time. */
const fromZone: FunctionDefinition = {
  takes: 'a timestamp and the name of a time zone',
  costly: true,
  resultType: ([arg], [zone]) =>
    isZoned(arg, zone) ? withNullability(timestamp(arg.unit, 'UTC'), arg.nullable) : null,
  lower: (l, [arg], type, [zone]) => moved(l, arg as Value, type, 'fromZone', zone as string),
};

function isZoned(arg: DataType | undefined, zone: unknown): arg is Timestamp {
  return arg?.kind === 'timestamp' && typeof zone === 'string' && ZoneOffsets.isZone(zone);
}

function moved(l: Lowering, value: Value, type: DataType, name: 'inZone' | 'fromZone', zone: string): Value {
  const { builder } = l;
  const offsets = builder.object(new ZoneOffsets(zone));
  const ms = builder.operation(name === 'inZone' ? 'zoneOffset' : 'zoneOffsetBack', offsets, msOf(l, value));
  const units = builder.operation('mul', ms, builder.constant(unitsPerDay(type) / 86_400_000));
  const parts = addUnits(l, value, builder.operations('splitNumber', units), name);
  return { type, isNull: value.isNull, parts };
}

export const timeFunctions = {
  truncate,
  extract,
  epochMs,
  addMs,
  addDays,
  addMonths,
  diff,
  inZone,
  fromZone,
} satisfies Record<string, FunctionDefinition>;
