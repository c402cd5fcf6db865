import { lit } from '@sabot/columnar/expressions';
import type { NexmarkStreams } from '../nexmark-streams.js';

/** Currency conversion: every bid, its price from dollars to euros. */
export function q1({ bids }: NexmarkStreams) {
  return bids.select((bid) => ({
    auction: bid.auction,
    bidder: bid.bidder,
    price: bid.price.mul(lit(0.908)),
    dateTime: bid.dateTime,
    extra: bid.extra,
  }));
}
