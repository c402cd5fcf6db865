import type { NexmarkStreams } from '../nexmark-streams.js';

/** Selection: the bids for some auctions. */
export function q2({ bids }: NexmarkStreams) {
  return bids.filter((bid) => bid.auction.mod(123).eq(0)).select(['auction', 'price']);
}
