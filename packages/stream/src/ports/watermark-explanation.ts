/**
 * What keeps time from moving on: a `split` that has not come further, a split or source that is `idle` beside no other,
 * a source that is read without event time (`untimed`), an `operator` that passes on less than it was told, or a `queue`
 * in which more has arrived than has been worked off.
 */
export type HoldCause = 'split' | 'idle' | 'untimed' | 'operator' | 'queue';

/** Who holds a watermark back, and where it stands there. */
export interface WatermarkHold {
  readonly cause: HoldCause;
  /** The source, or the operator at or in front of which time stands still. */
  readonly operator: string;
  /** The split of that source, where one is to blame. */
  readonly split: string | undefined;
  /** Epoch milliseconds; -Infinity when it has not given any. */
  readonly watermarkMs: number;
}

/** Why an operator's windows have not come out (yet). */
export interface WatermarkExplanation {
  readonly operator: string;
  /** The watermark the operator has seen, epoch milliseconds: -Infinity before the first, Infinity after the last. */
  readonly watermarkMs: number;
  /** Undefined when nothing does: time has come to its end, or past the window that was asked for. */
  readonly heldBackBy: WatermarkHold | undefined;
  /** Operators from the one asked for up to the one that holds it back. */
  readonly path: readonly string[];
  /** All of this in one sentence. */
  readonly sentence: string;
}
