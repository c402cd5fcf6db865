import type { NexmarkStreams } from '../nexmark-streams.js';

/** Auction top ten: the ten highest bids of every auction, as a table that changes. */
export function q19({ bids }: NexmarkStreams) {
  return bids.keyBy('auction').topN({ limit: 10, by: [{ by: 'price', descending: true }], name: 'top-bids' });
}
