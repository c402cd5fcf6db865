import { type Batch, type Fields, type RowOf, rowsOf } from '@sabot/columnar';
import type { Sink, SinkWriter } from '../ports/sink.js';
import { jsonLines } from './json-lines.js';

/** A sink that keeps everything in memory. */
export interface CollectSink<F extends Fields> extends Sink<F> {
  /** In order of arrival. */
  readonly batches: readonly Batch<F>[];
  rows(): readonly RowOf<F>[];
}

/** Keeps every batch: for tests and small results. A restart in the same process adds to what is there. */
export function collectSink<F extends Fields>(): CollectSink<F> {
  const batches: Batch<F>[] = [];
  return {
    name: 'collect',
    guarantee: 'none',
    batches,
    rows: () => batches.flatMap((batch) => [...rowsOf(batch)]),
    // The plan connects streams of exactly these columns.
    open: async () => writerOf((batch) => void batches.push(batch as Batch<F>)),
  };
}

/** Calls a function with every batch; its promise is the backpressure. After a restart batches may be seen again. */
export function forEachSink<F extends Fields>(consume: (batch: Batch<F>) => void | Promise<void>): Sink<F> {
  return {
    name: 'for each',
    guarantee: 'at-least-once',
    open: async () => writerOf((batch) => consume(batch as Batch<F>)),
  };
}

/** Prints one JSON object per row on standard output. */
export function consoleSink<F extends Fields>(): Sink<F> {
  return {
    name: 'console',
    guarantee: 'at-least-once',
    open: async () => writerOf((batch) => void process.stdout.write(jsonLines(batch))),
  };
}

/** Nothing to prepare, nothing to make final. */
function writerOf(write: SinkWriter['write']): SinkWriter {
  return { write, prepare: async () => ({}), commit: async () => undefined, close: async () => undefined };
}
