import type { AggregateBuilder } from '@sabot/columnar/kernels';
import { tumbling } from '@sabot/stream';
import type { rankedBids } from './ranked-bids.js';

type RankedBid = ReturnType<typeof rankedBids>['schema']['fields'];

/** Days in UTC. */
export const daily = tumbling({ sizeMs: 24 * 3_600_000 });

/** Bids, bidders and auctions, in all and by rank of price: what q15 reports per day, and q16 per channel and day. */
export function biddingStatistics(bid: AggregateBuilder<RankedBid>) {
  return {
    bids: bid.count(),
    bids1: bid.count('bidder1'),
    bids2: bid.count('bidder2'),
    bids3: bid.count('bidder3'),
    bidders: bid.countDistinct('bidder'),
    bidders1: bid.countDistinct('bidder1'),
    bidders2: bid.countDistinct('bidder2'),
    bidders3: bid.countDistinct('bidder3'),
    auctions: bid.countDistinct('auction'),
    auctions1: bid.countDistinct('auction1'),
    auctions2: bid.countDistinct('auction2'),
    auctions3: bid.countDistinct('auction3'),
  };
}
