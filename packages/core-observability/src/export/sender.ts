import type { LogRecord } from '../logging/log-record.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import type { SpanRecord } from '../tracing/span-record.js';
import { countPoints } from './outlet.js';

/** What one request carries. */
export type Chunk =
  | { readonly signal: 'spans'; readonly spans: readonly SpanRecord[] }
  | { readonly signal: 'points'; readonly snapshots: readonly MetricSnapshot[] }
  | { readonly signal: 'logs'; readonly logs: readonly LogRecord[] };

/** How many items a chunk carries, as ledgers count them. */
export function sizeOfChunk(chunk: Chunk): number {
  switch (chunk.signal) {
    case 'spans':
      return chunk.spans.length;
    case 'points':
      return countPoints(chunk.snapshots);
    case 'logs':
      return chunk.logs.length;
  }
}

/** How sending one chunk ended. */
export type SendResult =
  /** Arrived; `rejected` of its items were refused by the receiver. */
  | { readonly kind: 'delivered'; readonly rejected: number; readonly why?: string }
  /** Not now: worth another attempt, not before `afterMs` when the receiver said so. */
  | { readonly kind: 'retry'; readonly why: string; readonly afterMs?: number }
  /** Never: the receiver will not take this chunk. */
  | { readonly kind: 'refused'; readonly why: string };

/** Speaks one protocol to one receiver. Its promise never rejects. */
export interface Sender {
  /** Where it sends, for messages. */
  readonly target: string;
  send(chunk: Chunk, abort: AbortSignal): Promise<SendResult>;
  close(): void;
}
