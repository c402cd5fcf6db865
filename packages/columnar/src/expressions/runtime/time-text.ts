import { decodeText } from '../../batch/column-value.js';
import { dayOfDate, dayOfMonth, monthOfDay, yearOfDay } from './calendar.js';
import { store } from './text.js';
import { mulWide, mulWideOverflows, OUT, splitNumber } from './wide-math.js';

const DATE = String.raw`([+-]?\d{4,6})-(\d\d)-(\d\d)`;
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?`;
const TIMESTAMP = new RegExp(`^ *${DATE}(?:[T ]${CLOCK})? *(Z|[+-]\\d\\d(?::?\\d\\d)?)? *$`, 'i');
const DAY = new RegExp(`^ *${DATE} *$`);
const TIME = new RegExp(`^ *${CLOCK} *$`);

/**
 * The instant that a text means, in units: low word, OUT[0] the high one, OUT[1] = 1 when it means none or lies outside
 * of 64 bits. Digits of a second finer than the unit are cut off; an offset from UTC is taken away.
 */
export function parseTimestamp(bytes: Uint8Array, start: number, end: number, perSecond: number): number {
  const match = TIMESTAMP.exec(decodeText(bytes, start, end));
  const day = match === null ? Number.NaN : dayOfMatch(match);
  const nanos = match === null ? Number.NaN : match[4] === undefined ? 0 : nanosOfMatch(match, 4);
  if (Number.isNaN(day) || Number.isNaN(nanos)) return failed();
  const whole = Math.floor(nanos / 1e9);
  const seconds = day * 86_400 + whole - offsetSeconds(match?.[8]);
  const units = Math.floor(((nanos - whole * 1e9) * perSecond) / 1e9);
  return inUnits(seconds, units, perSecond);
}

function inUnits(seconds: number, units: number, perSecond: number): number {
  const low = splitNumber(seconds);
  const high = OUT[0] as number;
  if (mulWideOverflows(low, high, perSecond, 0)) return failed();
  const productLow = mulWide(low, high, perSecond, 0);
  const productHigh = OUT[0] as number;
  const sum = (productLow + units) | 0;
  const sumHigh = (productHigh + (sum >>> 0 < productLow >>> 0 ? 1 : 0)) | 0;
  OUT[0] = sumHigh;
  OUT[1] = productHigh >= 0 && sumHigh < 0 ? 1 : 0;
  return sum;
}

function failed(): number {
  OUT[0] = 0;
  OUT[1] = 1;
  return 0;
}

/** The day since 1970-01-01 that a text means; OUT[0] = 1 when it means none. */
export function parseDate(bytes: Uint8Array, start: number, end: number): number {
  const match = DAY.exec(decodeText(bytes, start, end));
  const day = match === null ? Number.NaN : dayOfMatch(match);
  OUT[0] = Number.isNaN(day) ? 1 : 0;
  return Number.isNaN(day) ? 0 : day;
}

/** The time of day that a text means, in units since midnight; OUT[0] = 1 when it means none. */
export function parseTimeOfDay(bytes: Uint8Array, start: number, end: number, perSecond: number): number {
  const match = TIME.exec(decodeText(bytes, start, end));
  const nanos = match === null ? Number.NaN : nanosOfMatch(match, 1);
  OUT[0] = Number.isNaN(nanos) ? 1 : 0;
  return Number.isNaN(nanos) ? 0 : Math.floor(nanos / (1e9 / perSecond));
}

function dayOfMatch(match: RegExpExecArray): number {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const since = dayOfDate(year, month, day);
  // The calendar turns the 30th of February into a day of March.
  const exists = month >= 1 && month <= 12 && day >= 1 && monthOfDay(since) === month && dayOfMonth(since) === day;
  return exists && Math.abs(since) < 2 ** 31 ? since : Number.NaN;
}

function nanosOfMatch(match: RegExpExecArray, at: number): number {
  const [hour, minute, second] = [Number(match[at]), Number(match[at + 1]), Number(match[at + 2] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return (hour * 3600 + minute * 60 + second) * 1e9 + Number((match[at + 3] ?? '0').padEnd(9, '0'));
}

function offsetSeconds(offset: string | undefined): number {
  if (offset === undefined || offset.toUpperCase() === 'Z') return 0;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return offset.startsWith('-') ? -seconds : seconds;
}

/** `2001-02-03`. */
export function dateText(day: number): Uint8Array {
  return store(dateOf(day));
}

/** `04:05:06.7`. */
export function timeOfDayText(units: number, perSecond: number): Uint8Array {
  return store(clockOf(units, perSecond));
}

/** `2001-02-03 04:05:06.7`, with `+00` behind it where the type has a zone. */
export function timestampText(day: number, units: number, perSecond: number, zoned: number | boolean): Uint8Array {
  return store(`${dateOf(day)} ${clockOf(units, perSecond)}${zoned ? '+00' : ''}`);
}

const two = (value: number): string => String(value).padStart(2, '0');

function dateOf(day: number): string {
  const year = yearOfDay(day);
  const shown =
    year < 0 || year > 9999
      ? (year < 0 ? '-' : '+') + String(Math.abs(year)).padStart(6, '0')
      : String(year).padStart(4, '0');
  return `${shown}-${two(monthOfDay(day))}-${two(dayOfMonth(day))}`;
}

function clockOf(units: number, perSecond: number): string {
  const seconds = Math.floor(units / perSecond);
  const rest = units - seconds * perSecond;
  const digits = Math.round(Math.log10(perSecond));
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(digits, '0').replace(/0+$/, '')}`;
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`;
}
