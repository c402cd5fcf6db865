import type { MessagePort } from 'node:worker_threads';
import type { BatchParcel } from '@sabot/columnar/threads';
import type { ErrorKind } from '@sabot/core-observability/errors';
import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { Restored } from '../../checkpoints/recovery.js';
import type { ExpressionMode } from '../../ports/expression-mode.js';
import type { Signal } from '../../ports/signal.js';
import type { InstanceFacts } from '../lanes/instance-facts.js';
import type { SourceCut } from '../snapshot-collector.js';

/** What a thread is started with; everything in it can be cloned or moved. */
export interface ThreadBoot {
  readonly thread: number;
  readonly threads: number;
  readonly lanes: number;
  /** The plan on the main thread, in text: this thread's must be the same. */
  readonly explained: string;
  readonly channelBytes: number | undefined;
  readonly channelRows: number | undefined;
  readonly batchRows: number | undefined;
  readonly turnMs: number | undefined;
  readonly expressions: ExpressionMode | undefined;
  readonly memoryBytes: number | undefined;
  readonly restored: Restored | undefined;
  /** By number of the thread at the other end. */
  readonly ports: ReadonlyMap<number, MessagePort>;
}

/** From the main thread. */
export type ThreadOrder =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'inject';
      readonly epoch: number;
      readonly final: boolean;
      readonly trace: TraceContext | undefined;
    }
  | { readonly kind: 'confirm'; readonly instance: string; readonly epoch: number }
  | { readonly kind: 'stop-reading' }
  | { readonly kind: 'close'; readonly finished: boolean };

/** A snapshot of keyed state on its way. */
export interface CarriedState {
  readonly epoch: number;
  readonly baseEpoch: number | null;
  readonly bytes: Uint8Array;
}

/** To the main thread. */
export type ThreadReport =
  | { readonly kind: 'opened'; readonly facts: readonly InstanceFacts[]; readonly ordering: boolean }
  | { readonly kind: 'facts'; readonly facts: readonly InstanceFacts[]; readonly ordering: boolean }
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'source'; readonly instance: string; readonly epoch: number; readonly cut: SourceCut }
  | {
      readonly kind: 'operator';
      readonly instance: string;
      readonly epoch: number;
      readonly bytes: Uint8Array | undefined;
      readonly state: CarriedState | undefined;
    }
  | { readonly kind: 'failed'; readonly error: CarriedError }
  | { readonly kind: 'closed'; readonly facts: readonly InstanceFacts[]; readonly error: CarriedError | undefined };

/** An error in parts: its class does not survive the way. */
export interface CarriedError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly sabot:
    | {
        readonly code: string;
        readonly kind: ErrorKind;
        readonly what: string;
        readonly why: string;
        readonly remedy: string;
        readonly facts: Readonly<Record<string, string | number | boolean>>;
      }
    | undefined;
}

/** Between two threads, in order per way. `way` names consumer, input and the two lanes, as `keyOf` gives it. */
export type LinkItem =
  | {
      readonly kind: 'batch';
      readonly way: string;
      readonly parcel: BatchParcel;
      /** What the producer counts it with, and the consumer gives back. */
      readonly bytes: number;
      readonly trace: TraceContext | undefined;
      readonly emittedAtMs: number;
    }
  | { readonly kind: 'signal'; readonly way: string; readonly signal: Signal }
  | { readonly kind: 'credit'; readonly way: string; readonly bytes: number; readonly elements: number };
