import type { DataType } from '../../schema/data-type.js';
import type { Converted } from './converted.js';
import { dayOf, unitsOfDay, unitsPerDay } from './instants.js';
import type { Lowering } from './lowering.js';
import type { Register } from './operations.js';
import { shapeOf, type Value } from './value.js';

/** A text as a timestamp, date or time of day: ISO 8601, with a blank or a T between. */
export function castTextToTime(l: Lowering, value: Value, to: DataType): Converted {
  const { builder } = l;
  const perSecond = builder.constant(unitsPerDay(to) / 86_400);
  if (to.kind === 'timestamp') {
    const parts = builder.operations('parseTimestamp', ...value.parts, perSecond);
    return { parts, bad: builder.operation('isEqual', builder.operation('out1'), builder.constant(1)) };
  }
  const whole =
    to.kind === 'date'
      ? builder.operation('parseDate', ...value.parts)
      : builder.operation('parseTimeOfDay', ...value.parts, perSecond);
  const bad = builder.operation('isEqual', builder.operation('out0'), builder.constant(1));
  if (shapeOf(to) === 'number') return { parts: [whole], bad };
  const units = to.kind === 'date' ? builder.operation('mul', whole, builder.constant(unitsPerDay(to))) : whole;
  return { parts: builder.operations('splitNumber', units), bad };
}

/** A timestamp, date or time of day as text that casts back to it; instants of a zone are written in UTC. */
export function timeText(l: Lowering, value: Value): readonly Register[] {
  const { builder } = l;
  const { type } = value;
  if (type.kind === 'date') return builder.operations('dateText', dayOf(l, value));
  const perSecond = builder.constant(unitsPerDay(type) / 86_400);
  if (type.kind === 'time') return builder.operations('timeOfDayText', l.toNumber(value), perSecond);
  const zoned = builder.constant(type.kind === 'timestamp' && type.timezone !== null);
  return builder.operations('timestampText', dayOf(l, value), unitsOfDay(l, value), perSecond, zoned);
}
