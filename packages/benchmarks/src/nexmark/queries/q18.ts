import type { NexmarkStreams } from '../nexmark-streams.js';

/** Find last bid: the latest bid of every bidder for every auction, as a table that changes. */
export function q18({ bids }: NexmarkStreams) {
  return bids.keyBy('bidder', 'auction').toTable({ versioned: true, name: 'last-bids' });
}
