import type { Batch } from '@sabot/columnar';
import type { TraceContext } from '@sabot/core-observability/trace-context';

/** No row with a time ≤ `timeMs` is expected any more; `Infinity` after the end of a bounded input. */
export interface Watermark {
  readonly kind: 'watermark';
  /** Epoch milliseconds. */
  readonly timeMs: number;
}

/** The sender has nothing to say about time until its next batch: leave it out of the minimum. */
export interface Idle {
  readonly kind: 'idle';
}

/** Everything before it belongs to the checkpoint of this epoch, everything after it does not. */
export interface Barrier {
  readonly kind: 'barrier';
  readonly epoch: number;
}

/** The last element of a channel. A bounded source sends the watermark `Infinity` before it. */
export interface End {
  readonly kind: 'end';
}

export type Signal = Watermark | Idle | Barrier | End;

/** A batch on its way: trace context rides on the batch, never on rows. */
export interface TracedBatch {
  readonly kind: 'batch';
  readonly batch: Batch;
  readonly trace: TraceContext | undefined;
  /** When the batch's first row left its source, epoch milliseconds: end-to-end latency is measured against it. */
  readonly emittedAtMs: number;
}

/** What a channel carries, in order; nobody changes the order of a batch and a signal. */
export type StreamElement = TracedBatch | Signal;
