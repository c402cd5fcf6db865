import { Stream } from '@sabot/stream';
import type { NexmarkOptions } from './generator/model.js';
import { nexmarkSources } from './generator/nexmark-sources.js';

export interface NexmarkStreamOptions extends NexmarkOptions {
  /** Events that a batch covers; default 8192. */
  readonly batchEvents?: number;
}

/** Nexmark's persons, auctions and bids as streams by event time: what the queries are written over. */
export function nexmarkStreams(options: NexmarkStreamOptions) {
  const { persons, auctions, bids } = nexmarkSources(options);
  const timed = { eventTime: 'dateTime', batchRows: options.batchEvents ?? 8192 } as const;
  return {
    persons: Stream.from(persons, { name: 'persons', ...timed }),
    auctions: Stream.from(auctions, { name: 'auctions', ...timed }),
    bids: Stream.from(bids, { name: 'bids', ...timed }),
  };
}

type Sources = ReturnType<typeof nexmarkStreams>;

/** What a query reads: the streams, or anything made of them that has their columns. */
export type NexmarkStreams = {
  readonly [N in keyof Sources]: Sources[N] extends Stream<infer F, 'event-time'> ? Stream<F, 'event-time'> : never;
};
