import { streamStreamJoin } from '@sabot/joins';
import type { NexmarkStreams } from '../nexmark-streams.js';

/** Local item suggestion: who is selling in Oregon, Idaho or California in category 10? No matter when either came. */
export function q3({ auctions, persons }: NexmarkStreams) {
  const offers = auctions.filter((auction) => auction.category.eq(10)).select(['id', 'seller', 'dateTime']);
  const sellers = persons
    .filter((person) => person.state.in(['OR', 'ID', 'CA']))
    .select(['id', 'name', 'city', 'state', 'dateTime']);
  return streamStreamJoin(offers, sellers, {
    on: { seller: 'id' },
    withinMs: Number.POSITIVE_INFINITY,
    select: ['name', 'city', 'state'],
  }).output.select(['name', 'city', 'state', 'id']);
}
