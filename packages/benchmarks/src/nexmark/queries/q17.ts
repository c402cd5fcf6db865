import type { NexmarkStreams } from '../nexmark-streams.js';
import { daily } from './daily-statistics.js';
import { rankedBids } from './ranked-bids.js';

/** Auction statistics: bids by rank of price, and the least, greatest, mean and total price of every auction and day. */
export function q17(streams: NexmarkStreams) {
  return rankedBids(streams)
    .keyBy('auction')
    .window(daily)
    .aggregate((bid) => ({
      bids: bid.count(),
      bids1: bid.count('bidder1'),
      bids2: bid.count('bidder2'),
      bids3: bid.count('bidder3'),
      least: bid.min('price'),
      greatest: bid.max('price'),
      mean: bid.mean('price'),
      total: bid.sum('price'),
    }));
}
