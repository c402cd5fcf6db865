import { windowJoin } from '@sabot/joins';
import { tumbling } from '@sabot/stream';
import type { NexmarkStreams } from '../nexmark-streams.js';

const window = tumbling({ sizeMs: 10_000 });

/** Monitor new users: who registered and opened an auction within the same ten seconds? */
export function q8({ persons, auctions }: NexmarkStreams) {
  const sellers = auctions
    .keyBy('seller')
    .window(window)
    .aggregate((auction) => ({ auctions: auction.count() }), { name: 'sellers' });
  return windowJoin(persons.select(['id', 'name', 'dateTime']), sellers, {
    on: { id: 'seller' },
    window,
    select: [],
    name: 'new-sellers',
  }).output.select(['id', 'name', 'windowStart']);
}
