import type { NexmarkStreams } from '../nexmark-streams.js';
import { biddingStatistics, daily } from './daily-statistics.js';
import { rankedBids } from './ranked-bids.js';

/** Bidding statistics: bids, bidders and auctions of every day, by rank of price. */
export function q15(streams: NexmarkStreams) {
  return rankedBids(streams).keyBy('day').window(daily).aggregate(biddingStatistics);
}
