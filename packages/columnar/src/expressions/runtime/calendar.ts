/**
 * The proleptic Gregorian calendar in UTC by days since 1970-01-01, after Howard Hinnant's `chrono`-compatible
 * low-level date algorithms (public domain); exact for all 32-bit days.
 */
export function yearOfDay(day: number): number {
  const era = Math.floor((day + 719468) / 146097);
  const dayOfEra = day + 719468 - era * 146097;
  const yearOfEra = yearOfEraOf(dayOfEra);
  const month = monthShifted(dayOfEra, yearOfEra);
  return yearOfEra + era * 400 + (month >= 10 ? 1 : 0);
}

export function monthOfDay(day: number): number {
  const dayOfEra = day + 719468 - Math.floor((day + 719468) / 146097) * 146097;
  const month = monthShifted(dayOfEra, yearOfEraOf(dayOfEra));
  return month < 10 ? month + 3 : month - 9;
}

export function dayOfMonth(day: number): number {
  const dayOfEra = day + 719468 - Math.floor((day + 719468) / 146097) * 146097;
  const yearOfEra = yearOfEraOf(dayOfEra);
  const dayOfYear = dayOfShiftedYear(dayOfEra, yearOfEra);
  return dayOfYear - Math.floor((153 * monthShifted(dayOfEra, yearOfEra) + 2) / 5) + 1;
}

function yearOfEraOf(dayOfEra: number): number {
  return Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
}

/** Days since the 1st of March. */
function dayOfShiftedYear(dayOfEra: number, yearOfEra: number): number {
  return dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
}

/** 0 for March to 11 for February. */
function monthShifted(dayOfEra: number, yearOfEra: number): number {
  return Math.floor((5 * dayOfShiftedYear(dayOfEra, yearOfEra) + 2) / 153);
}

/** Days since 1970-01-01 of a date; `month` may lie outside 1 … 12. */
export function dayOfDate(year: number, month: number, day: number): number {
  const months = year * 12 + (month - 1);
  const trueYear = Math.floor(months / 12);
  const trueMonth = months - trueYear * 12 + 1;
  const shiftedYear = trueMonth <= 2 ? trueYear - 1 : trueYear;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (trueMonth > 2 ? trueMonth - 3 : trueMonth + 9) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

/** The first day of the month (`months` 1), quarter (3) or year (12) of a day. */
export function startOfMonths(day: number, months: number): number {
  const month = monthOfDay(day) - 1;
  return dayOfDate(yearOfDay(day), month - (month % months) + 1, 1);
}

/** How many months (`months` 1), quarters (3) or years (12) started from 1970 to a day. */
export function monthsBefore(day: number, months: number): number {
  return Math.floor(((yearOfDay(day) - 1970) * 12 + monthOfDay(day) - 1) / months);
}

/** The Monday of a day's week. */
export function startOfWeek(day: number): number {
  return day - weekday(day);
}

/** 0 for Monday to 6 for Sunday. */
function weekday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** 1 for Monday to 7 for Sunday. */
export function isoWeekday(day: number): number {
  return weekday(day) + 1;
}

/** 1 for the 1st of January. */
export function dayOfYear(day: number): number {
  return day - dayOfDate(yearOfDay(day), 1, 1) + 1;
}

/** The week of the year by ISO 8601: the first has the year's first Thursday. */
export function isoWeek(day: number): number {
  const thursday = startOfWeek(day) + 3;
  return Math.floor((thursday - dayOfDate(yearOfDay(thursday), 1, 1)) / 7) + 1;
}

/** The same day of another month, or that month's last day. */
export function addMonths(day: number, months: number): number {
  const first = dayOfDate(yearOfDay(day), monthOfDay(day) + months, 1);
  const length = dayOfDate(yearOfDay(first), monthOfDay(first) + 1, 1) - first;
  return first + Math.min(dayOfMonth(day), length) - 1;
}
