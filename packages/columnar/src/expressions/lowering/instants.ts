import type { DataType, TimeUnit } from '../../schema/data-type.js';
import { unitsPerMs } from '../../schema/layout.js';
import type { Lowering } from './lowering.js';
import type { Register } from './operations.js';
import { shapeOf, type Value } from './value.js';

/** Units of a time type in a day; 1 for days. */
export function unitsPerDay(type: DataType): number {
  const { unit } = type as { unit: TimeUnit | 'day' };
  return unit === 'day' ? 1 : 86_400_000 * unitsPerMs(unit);
}

/** Days since 1970-01-01 of an instant, exactly. */
export function dayOf(l: Lowering, value: Value): Register {
  if (shapeOf(value.type) === 'number') return value.parts[0] as Register;
  const { builder } = l;
  const perDay = unitsPerDay(value.type);
  const start = builder.operations('floorToPair', ...value.parts, ...l.pairConstant(perDay));
  const days = builder.operation('div', builder.operation('pairToNumber', ...start), builder.constant(perDay));
  return builder.operation('roundWhole', days);
}

/** Units since midnight. */
export function unitsOfDay(l: Lowering, value: Value): Register {
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
export function fromDay(l: Lowering, day: Register, type: DataType): readonly Register[] {
  if (shapeOf(type) === 'number') return [day];
  const { builder } = l;
  const low = builder.operation('toInt32', day);
  return builder.operations('mulPair', low, builder.operation('signOf', low), ...l.pairConstant(unitsPerDay(type)));
}

/** Milliseconds of a time value as a float. */
export function msOf(l: Lowering, value: Value): Register {
  const raw = l.toNumber(value);
  const perMs = unitsPerDay(value.type) / 86_400_000;
  return perMs === 1 ? raw : l.builder.operation('div', raw, l.builder.constant(perMs));
}

/** Adds whole units to a 64-bit time. */
export function addUnits(l: Lowering, value: Value, more: readonly Register[], name: string): readonly Register[] {
  const { builder } = l;
  const [low, high] = value.parts as [Register, Register];
  const [moreLow, moreHigh] = more as [Register, Register];
  const sumLow = builder.operation('add32', low, moreLow);
  const sumHigh = builder.operation('addCarry', high, moreHigh, sumLow, low);
  l.failOnOverflow(builder.operation('addOverflows', high, moreHigh, sumHigh), value.isNull, name, value.type);
  return [sumLow, sumHigh];
}
