import type { KeepReason } from '../observability.js';
import type { AttributeValue } from './span-record.js';

/** Before this many batches nobody knows what slow is. */
const WARM_UP = 100;
/** How fast the threshold follows: a step of 5 % up, and 99 times less down. */
const STEP = 0.05;
const QUANTILE = 0.99;
/** By definition one batch in a hundred is above the quantile; only what is well above it says more than the sample does. */
const MARGIN = 1.5;
/** Pipelines whose thresholds are kept apart; beyond, they share one. */
const MAX_THRESHOLDS = 1000;

/**
 * A duration that 99 % of the batches stay below, followed as it changes.
 * Algorithm: stochastic approximation of a quantile in the logarithm (after Robbins and Monro): a duration above raises
 * the threshold by 0.99 steps, one below lowers it by 0.01. State: two numbers. Cost: one multiplication.
 */
class SlowThreshold {
  private seen = 0;
  private thresholdMs = 0;

  /** Whether this duration is well above the threshold; then learns from it. */
  isSlow(durationMs: number): boolean {
    this.seen++;
    if (this.seen === 1) this.thresholdMs = durationMs;
    const above = durationMs > this.thresholdMs;
    const slow = durationMs > this.thresholdMs * MARGIN;
    // While it warms up the threshold may take larger steps, to be near when it counts.
    const step = this.seen < WARM_UP ? STEP * 4 : STEP;
    this.thresholdMs *= above ? 1 + step * QUANTILE : 1 - step * (1 - QUANTILE);
    return slow && this.seen > WARM_UP;
  }
}

/** Decides at the end of a batch whether it must be kept, and counts what was kept by reason. */
export class RetroactiveSampling {
  /** Batches outside the sample that were kept. */
  readonly kept: Record<KeepReason, number> = { failed: 0, slow: 0, late: 0, retried: 0 };
  /** By the name of the span, then by pipeline. */
  private readonly thresholds = new Map<string, Map<AttributeValue | undefined, SlowThreshold>>();
  // Batches of one pipeline come in rows: the threshold used last is nearly always the next one.
  private lastName = '';
  private lastPipeline: AttributeValue | undefined;
  private last = new SlowThreshold();

  /** The first reason that applies; every batch is asked about, so that the threshold knows them all. */
  reasonFor(
    name: string,
    pipeline: AttributeValue | undefined,
    durationMs: number,
    failed: boolean,
    mark: KeepReason | undefined,
  ): KeepReason | undefined {
    if (name !== this.lastName || pipeline !== this.lastPipeline) {
      this.last = this.thresholdOf(name, pipeline);
      this.lastName = name;
      this.lastPipeline = pipeline;
    }
    const slow = this.last.isSlow(durationMs);
    if (failed) return 'failed';
    return mark ?? (slow ? 'slow' : undefined);
  }

  private thresholdOf(name: string, pipeline: AttributeValue | undefined): SlowThreshold {
    let ofSite = this.thresholds.get(name);
    if (ofSite === undefined) {
      ofSite = new Map();
      this.thresholds.set(name, ofSite);
    }
    let threshold = ofSite.get(pipeline);
    if (threshold === undefined) {
      if (ofSite.size >= MAX_THRESHOLDS && pipeline !== undefined) return this.thresholdOf(name, undefined);
      threshold = new SlowThreshold();
      ofSite.set(pipeline, threshold);
    }
    return threshold;
  }
}
