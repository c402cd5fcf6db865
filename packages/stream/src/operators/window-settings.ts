import type { Schema } from '@sabot/columnar';
import type { WindowComputation } from './window-fold.js';

/**
 * What a further firing of a window gives: everything so far (`accumulating`), what has come since the last firing
 * (`discarding`), or everything so far as a change of what was given before (`retracting`).
 */
export type WindowResultsMode = 'accumulating' | 'discarding' | 'retracting';

/** Firings before a window ends: in equal steps of the clock, or with every so many rows of a key. */
export type EarlyFiring = { readonly everyMs: number } | { readonly everyRows: number };

/** What every window operator is made of, whatever its windows. */
export interface WindowSettings<Window> {
  readonly window: Window;
  readonly allowedLatenessMs: number;
  /** Empty: one window for all rows. */
  readonly keys: readonly string[];
  /** Undefined where windows do not need it. */
  readonly eventTime: string | undefined;
  readonly computation: WindowComputation;
  readonly results: WindowResultsMode;
  readonly early: EarlyFiring | undefined;
  /** Firings after a window's end: with the next watermark, or with every late row. */
  readonly late: 'per-watermark' | 'per-row';
  /** Keys, bounds if windows have any, results; without `$change`. */
  readonly output: Schema;
  /** Columns of `output` that tell results apart. */
  readonly identity: readonly string[];
}
