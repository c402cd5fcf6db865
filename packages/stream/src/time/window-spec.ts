import { streamErrors } from '../errors.js';

/** Fixed, gapless, half-open windows `[start, end)` aligned to the epoch plus an offset. */
export interface TumblingWindow {
  readonly kind: 'tumbling';
  readonly sizeMs: number;
  readonly offsetMs: number;
}

export type WindowSpec = TumblingWindow;

export interface TumblingOptions {
  /** Length of a window; at least 1. */
  readonly sizeMs: number;
  /** Moves all boundaries: −8 h for days that begin at midnight in UTC+8; default 0. */
  readonly offsetMs?: number;
}

/** Windows of one size side by side: every row belongs to exactly one. */
export function tumbling(options: TumblingOptions): TumblingWindow {
  const offsetMs = options.offsetMs ?? 0;
  requireWholeMs('sizeMs', options.sizeMs, 1);
  requireWholeMs('offsetMs', offsetMs, Number.MIN_SAFE_INTEGER);
  return { kind: 'tumbling', sizeMs: options.sizeMs, offsetMs };
}

/** Throws unless the option is a whole number of milliseconds, at least `least`. */
export function requireWholeMs(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw streamErrors.error('OPTION_INVALID', {
    what: `cannot use ${option} ${value}`,
    why: `it must be a whole number of milliseconds, at least ${least}`,
  });
}
