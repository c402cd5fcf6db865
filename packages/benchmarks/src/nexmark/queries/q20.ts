import { streamStreamJoin } from '@sabot/joins';
import type { NexmarkStreams } from '../nexmark-streams.js';

/** Expand bids: every bid for an auction of category 10, with the auction. No matter when either came. */
export function q20({ bids, auctions }: NexmarkStreams) {
  const expanded = auctions.filter((auction) => auction.category.eq(10));
  return streamStreamJoin(bids, expanded, {
    on: { auction: 'id' },
    withinMs: Number.POSITIVE_INFINITY,
    prefix: 'auction_',
  }).output;
}
