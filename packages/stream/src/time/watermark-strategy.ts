import { type Batch, isValid } from '@sabot/columnar';
import { streamErrors } from '../errors.js';

/** Follows one split: how far has its event time come? Watermarks it gives never go backwards, whatever it returns. */
export interface WatermarkGenerator {
  /**
   * Told of every batch's earliest and latest event time, epoch milliseconds, of the batch itself, and how to read the
   * time of each of its rows.
   */
  onBatch(minTimeMs: number, maxTimeMs: number, batch: Batch, timesMs: () => Float64Array): void;
  /** No row with a time ≤ this is expected any more; `-Infinity` before the first batch. */
  current(): number;
}

/** Makes one generator per split. `describe` stands in `explain()`. */
export interface WatermarkStrategy {
  readonly describe: string;
  /** Columns that the generator reads beside the time: they stay in the batches. */
  readonly columns?: readonly string[];
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

export interface PunctuatedOptions {
  /** A column of booleans: true in rows that say how far time has come. */
  readonly when: string;
}

/**
 * Rows say themselves how far time has come: behind a row whose `when` column is true, no row with its time or an earlier
 * one is expected. Other rows move nothing on.
 *
 * @example
 * Stream.from(source, { eventTime: 'at', watermark: punctuated({ when: 'isMarker' }) });
 */
export function punctuated({ when }: PunctuatedOptions): WatermarkStrategy {
  return { describe: `punctuated by ${when}`, columns: [when], create: () => new Punctuations(when) };
}

class Punctuations implements WatermarkGenerator {
  private readonly column: string;
  private markedMs = Number.NEGATIVE_INFINITY;

  constructor(column: string) {
    this.column = column;
  }

  onBatch(_minTimeMs: number, _maxTimeMs: number, batch: Batch, timesMs: () => Float64Array): void {
    const flags = batch.column(this.column);
    if (flags.type.kind !== 'bool') {
      throw streamErrors.error('OPTION_INVALID', {
        what: `cannot take watermarks from column "${this.column}"`,
        why: `it is a column of ${flags.type.kind}, not of booleans`,
      });
    }
    const times = timesMs();
    for (let row = 0; row < batch.numRows; row++) {
      const marked =
        isValid(flags, row) &&
        (((flags.values[(flags.bitOffset + row) >> 3] as number) >> ((flags.bitOffset + row) & 7)) & 1) === 1;
      if (marked && (times[row] as number) > this.markedMs) this.markedMs = times[row] as number;
    }
  }

  current(): number {
    return this.markedMs;
  }
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
