import { streamErrors } from '../errors.js';

/** Which clock a window follows: the rows' own times, or the machine's while it works on them. */
export type WindowClock = 'event-time' | 'processing-time';

/** Fixed, gapless, half-open windows `[start, end)` aligned to the epoch plus an offset. */
export interface TumblingWindow<T extends WindowClock = WindowClock> {
  readonly kind: 'tumbling';
  readonly time: T;
  readonly sizeMs: number;
  readonly offsetMs: number;
}

/** Overlapping, half-open windows of one size, one beginning every `slideMs`, aligned to the epoch plus an offset. */
export interface HoppingWindow<T extends WindowClock = WindowClock> {
  readonly kind: 'hopping';
  readonly time: T;
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
}

/** Half-open windows of activity of one key, from its first row to `gapMs` after its last. */
export interface SessionWindow {
  readonly kind: 'session';
  readonly gapMs: number;
}

/** One window without an end: it comes out at the end of its stream, and early if asked to. */
export interface GlobalWindow {
  readonly kind: 'global';
}

/** Windows of a number of rows of one key, in the order in which they arrive. */
export interface CountWindow {
  readonly kind: 'count';
  readonly rows: number;
  readonly everyRows: number;
}

/** Windows in event time: their results have bounds and a time, and may be windowed again. */
export type TimeWindow = TumblingWindow<'event-time'> | HoppingWindow<'event-time'> | SessionWindow;

/** Windows that need no event time, and whose results have none. */
export type ClockWindow = TumblingWindow<'processing-time'> | HoppingWindow<'processing-time'>;

export type WindowSpec = TimeWindow | ClockWindow | GlobalWindow | CountWindow;

export interface TumblingOptions<T extends WindowClock = WindowClock> {
  /** `'processing-time'`: rows belong to the window in which they are worked on. Default `'event-time'`. */
  readonly time?: T;
  /** Length of a window; at least 1. */
  readonly sizeMs: number;
  /** Moves all boundaries: −8 h for days that begin at midnight in UTC+8; default 0. */
  readonly offsetMs?: number;
}

export interface HoppingOptions<T extends WindowClock = WindowClock> extends TumblingOptions<T> {
  /** Time from the start of one window to that of the next; at least 1, at most `sizeMs`. */
  readonly slideMs: number;
}

/** Asks for the machine's clock. */
interface Clocked {
  readonly time: 'processing-time';
}

export interface SessionOptions {
  /** A row that comes this long after the one before, or longer, begins a new session; at least 1. */
  readonly gapMs: number;
}

/**
 * Windows of one size side by side: every row belongs to exactly one.
 *
 * Errors: `SABOT_STREAM_OPTION_INVALID`.
 */
export function tumbling(options: TumblingOptions & Clocked): TumblingWindow<'processing-time'>;
export function tumbling(options: TumblingOptions<'event-time'>): TumblingWindow<'event-time'>;
export function tumbling(options: TumblingOptions): TumblingWindow {
  const { sizeMs, offsetMs = 0 } = options;
  requireWholeMs('sizeMs', sizeMs, 1);
  requireWholeMs('offsetMs', offsetMs, Number.MIN_SAFE_INTEGER);
  return { kind: 'tumbling', time: options.time ?? 'event-time', sizeMs, offsetMs };
}

/**
 * Overlapping windows: every row belongs to `sizeMs / slideMs` of them, and costs the same however many these are.
 * Rows are aggregated per pane of gcd(size, slide) milliseconds and panes are merged when a window comes out, so sizes
 * that share a large divisor with their slide are cheap. `last` and `any` follow the order in which the panes of a
 * key were opened, then arrival; all other aggregates are those of the window's rows in any order.
 *
 * Errors: `SABOT_STREAM_OPTION_INVALID`, also when windows would leave gaps (`slideMs` > `sizeMs`).
 *
 * @example
 * const trailing = bids.keyBy('auction').window(hopping({ sizeMs: 10_000, slideMs: 2_000 }));
 */
export function hopping(options: HoppingOptions & Clocked): HoppingWindow<'processing-time'>;
export function hopping(options: HoppingOptions<'event-time'>): HoppingWindow<'event-time'>;
export function hopping(options: HoppingOptions): HoppingWindow {
  const { sizeMs, slideMs, offsetMs = 0 } = options;
  requireWholeMs('sizeMs', sizeMs, 1);
  requireWholeMs('slideMs', slideMs, 1);
  requireWholeMs('offsetMs', offsetMs, Number.MIN_SAFE_INTEGER);
  if (slideMs > sizeMs) {
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot use slideMs ${slideMs} with sizeMs ${sizeMs}`,
      why: 'rows between two windows would belong to none',
      remedy: 'Slide by at most the size; filter the rows out first if a gap is meant.',
    });
  }
  return { kind: 'hopping', time: options.time ?? 'event-time', sizeMs, slideMs, offsetMs };
}

/**
 * Windows that follow a key's activity: `[first row, last row + gapMs)`. A row whose own `[time, time + gapMs)` overlaps
 * a session extends it; one that overlaps two makes them one, also across batches. A row at exactly a session's end
 * begins a new one.
 *
 * Errors: `SABOT_STREAM_OPTION_INVALID`.
 *
 * @example
 * const visits = clicks.keyBy('user').window(session({ gapMs: 30 * 60_000 }));
 */
export function session(options: SessionOptions): SessionWindow {
  requireWholeMs('gapMs', options.gapMs, 1);
  return { kind: 'session', gapMs: options.gapMs };
}

/**
 * One window for all rows of a key: what a bounded stream has come to at its end, or with an `early` firing so far.
 * Rows are never late for it, and its state stays until the end.
 *
 * @example
 * const totals = bids.keyBy('auction').window(global(), { early: { everyRows: 1000 } });
 */
export function global(): GlobalWindow {
  return { kind: 'global' };
}

export interface CountOptions {
  /** How many rows a window holds; at least 1. */
  readonly rows: number;
  /** How many rows later the next window comes out; from 1 to `rows`, default `rows`: none overlap. */
  readonly everyRows?: number;
}

/**
 * Windows of the latest `rows` rows of a key, one after every `everyRows` of them; in order of arrival, so nothing is
 * late. The first windows of a key, and those that are open at the end of the stream, hold fewer.
 *
 * Errors: `SABOT_STREAM_OPTION_INVALID`.
 *
 * @example
 * const lastTen = bids.keyBy('auction').window(count({ rows: 10, everyRows: 1 }));
 */
export function count(options: CountOptions): CountWindow {
  const { rows, everyRows = rows } = options;
  requireWhole('rows', rows, 1, 'rows');
  requireWhole('everyRows', everyRows, 1, 'rows');
  if (everyRows > rows) {
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot use everyRows ${everyRows} with rows ${rows}`,
      why: 'rows between two windows would belong to none',
    });
  }
  return { kind: 'count', rows, everyRows };
}

/** The window in words, for `explain()`. */
export function describeWindow(window: WindowSpec): string {
  switch (window.kind) {
    case 'tumbling':
      return `tumbling ${window.sizeMs} ms${clockText(window.time)}`;
    case 'hopping':
      return `hopping ${window.sizeMs} ms by ${window.slideMs} ms${clockText(window.time)}`;
    case 'session':
      return `session gap ${window.gapMs} ms`;
    case 'global':
      return 'global';
    case 'count':
      return `${window.rows} rows by ${window.everyRows}`;
  }
}

/** Throws unless the option is a whole number of milliseconds, at least `least`. */
export function requireWholeMs(option: string, value: number, least: number): void {
  requireWhole(option, value, least, 'milliseconds');
}

/** Throws unless the option is a whole number, at least `least`. */
export function requireWhole(option: string, value: number, least: number, unit: string): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw streamErrors.error('OPTION_INVALID', {
    what: `cannot use ${option} ${value}`,
    why: `it must be a whole number of ${unit}, at least ${least}`,
  });
}

function clockText(time: WindowClock): string {
  return time === 'processing-time' ? ' of processing time' : '';
}
