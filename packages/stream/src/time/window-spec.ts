import { streamErrors } from '../errors.js';

/** Fixed, gapless, half-open windows `[start, end)` aligned to the epoch plus an offset. */
export interface TumblingWindow {
  readonly kind: 'tumbling';
  readonly sizeMs: number;
  readonly offsetMs: number;
}

/** Overlapping, half-open windows of one size, one beginning every `slideMs`, aligned to the epoch plus an offset. */
export interface HoppingWindow {
  readonly kind: 'hopping';
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
}

/** Half-open windows of activity of one key, from its first row to `gapMs` after its last. */
export interface SessionWindow {
  readonly kind: 'session';
  readonly gapMs: number;
}

export type WindowSpec = TumblingWindow | HoppingWindow | SessionWindow;

export interface TumblingOptions {
  /** Length of a window; at least 1. */
  readonly sizeMs: number;
  /** Moves all boundaries: −8 h for days that begin at midnight in UTC+8; default 0. */
  readonly offsetMs?: number;
}

export interface HoppingOptions extends TumblingOptions {
  /** Time from the start of one window to that of the next; at least 1, at most `sizeMs`. */
  readonly slideMs: number;
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
export function tumbling(options: TumblingOptions): TumblingWindow {
  const { sizeMs, offsetMs = 0 } = options;
  requireWholeMs('sizeMs', sizeMs, 1);
  requireWholeMs('offsetMs', offsetMs, Number.MIN_SAFE_INTEGER);
  return { kind: 'tumbling', sizeMs, offsetMs };
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
  return { kind: 'hopping', sizeMs, slideMs, offsetMs };
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

/** The window in words, for `explain()`. */
export function describeWindow(window: WindowSpec): string {
  switch (window.kind) {
    case 'tumbling':
      return `tumbling ${window.sizeMs} ms`;
    case 'hopping':
      return `hopping ${window.sizeMs} ms by ${window.slideMs} ms`;
    case 'session':
      return `session gap ${window.gapMs} ms`;
  }
}

/** Throws unless the option is a whole number of milliseconds, at least `least`. */
export function requireWholeMs(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw streamErrors.error('OPTION_INVALID', {
    what: `cannot use ${option} ${value}`,
    why: `it must be a whole number of milliseconds, at least ${least}`,
  });
}
