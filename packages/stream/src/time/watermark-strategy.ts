import { streamErrors } from '../errors.js';

/** Follows one split: how far has its event time come? Watermarks it gives never go backwards, whatever it returns. */
export interface WatermarkGenerator {
  /** Told of every batch's earliest and latest event time, epoch milliseconds. */
  onBatch(minTimeMs: number, maxTimeMs: number): void;
  /** No row with a time ≤ this is expected any more; `-Infinity` before the first batch. */
  current(): number;
}

/** Makes one generator per split. `describe` stands in `explain()`. */
export interface WatermarkStrategy {
  readonly describe: string;
  create(): WatermarkGenerator;
}

export interface BoundedDisorderOptions {
  /** How much later than the latest row seen an earlier row may still come; default 0. */
  readonly maxDelayMs?: number;
}

/** Rows may come up to `maxDelayMs` out of order: the watermark trails the latest time by that much (and 1 ms, so that equal times are not late). */
export function boundedDisorder(options: BoundedDisorderOptions = {}): WatermarkStrategy {
  const maxDelayMs = options.maxDelayMs ?? 0;
  if (!(maxDelayMs >= 0 && maxDelayMs < Infinity)) {
    throw streamErrors.error('OPTION_INVALID', {
      what: `cannot use maxDelayMs ${maxDelayMs}`,
      why: 'it must be a finite number of milliseconds, 0 or more',
    });
  }
  return { describe: `bounded disorder ${maxDelayMs} ms`, create: () => trailing(maxDelayMs) };
}

/** Rows of a split come in time order: equal times may follow each other, earlier ones are late. */
export function monotonic(): WatermarkStrategy {
  return { describe: 'monotonic', create: () => trailing(0) };
}

function trailing(maxDelayMs: number): WatermarkGenerator {
  let latestMs = Number.NEGATIVE_INFINITY;
  return {
    onBatch(_minTimeMs, maxTimeMs) {
      if (maxTimeMs > latestMs) latestMs = maxTimeMs;
    },
    current: () => latestMs - maxDelayMs - 1,
  };
}
