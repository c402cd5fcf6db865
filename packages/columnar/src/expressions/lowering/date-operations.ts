import * as calendar from '../runtime/calendar.js';
import type { ZoneOffsets } from '../runtime/zone-offsets.js';
import { called, inline } from './operation.js';

/** Days since 1970-01-01 and time zones. */
export const dateOperations = {
  year: called(calendar.yearOfDay),
  month: called(calendar.monthOfDay),
  dayOfMonth: called(calendar.dayOfMonth),
  isoWeekday: called(calendar.isoWeekday),
  dayOfYear: called(calendar.dayOfYear),
  isoWeek: called(calendar.isoWeek),
  startOfMonths: called(calendar.startOfMonths),
  startOfWeek: called(calendar.startOfWeek),
  addMonths: called(calendar.addMonths),
  zoneOffset: called((zone: ZoneOffsets, ms: number): number => zone.offsetMs(ms)),
  zoneOffsetBack: called((zone: ZoneOffsets, ms: number): number => -zone.wallOffsetMs(ms)),
  monthsBefore: called(calendar.monthsBefore),
  roundWhole: inline(
    (a) => `Math.round(${a})`,
    (a = 0) => Math.round(a),
  ),
};
