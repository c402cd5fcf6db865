import type { Batch } from '@sabot/columnar';
import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { Signal } from '../ports/signal.js';
import type { Outlet } from './channel.js';
import type { Stopwatch } from './stopwatch.js';

/** Takes what a stage emits, at once: the next stage of the chain, or the channel to another one. */
export interface Receiver {
  batch(batch: Batch, bytes: number): void;
  signal(signal: Signal): void;
}

/** What the stages of one chain share while a batch goes through. */
export interface ChainContext {
  trace: TraceContext | undefined;
  /** When the batch that the chain works on (or worked on last) left its source. */
  emittedAtMs: number;
  readonly watch: Stopwatch;
}

/** The end of a chain towards another one: puts the chain's trace on every batch. */
export function channelWriter(outlet: Outlet, context: ChainContext): Receiver {
  return {
    batch: (batch, bytes) =>
      outlet.push({ kind: 'batch', batch, trace: context.trace, emittedAtMs: context.emittedAtMs }, bytes),
    signal: (signal) => outlet.push(signal, 0),
  };
}
