import type { NexmarkStreams } from '../nexmark-streams.js';
import { biddingStatistics, daily } from './daily-statistics.js';
import { rankedBids } from './ranked-bids.js';

/** Channel statistics: what q15 reports, for every channel, with the minute of its last bid. */
export function q16(streams: NexmarkStreams) {
  return rankedBids(streams)
    .keyBy('channel')
    .window(daily)
    .aggregate((bid) => ({ minute: bid.max('minute'), ...biddingStatistics(bid) }));
}
