import { when } from '@sabot/columnar/expressions';
import type { NexmarkStreams } from '../nexmark-streams.js';

const CHEAP = 10_000;
const DEAR = 1_000_000;

/** Bids with what q15 to q17 count: bidder and auction where the price is of a rank (cheap, middling, dear), else null. */
export function rankedBids({ bids }: NexmarkStreams) {
  return bids.select((bid) => {
    const cheap = bid.price.lt(CHEAP);
    const middling = bid.price.ge(CHEAP).and(bid.price.lt(DEAR));
    const dear = bid.price.ge(DEAR);
    return {
      day: bid.dateTime.truncate('day'),
      minute: bid.dateTime.truncate('minute'),
      dateTime: bid.dateTime,
      channel: bid.channel,
      auction: bid.auction,
      bidder: bid.bidder,
      price: bid.price,
      bidder1: when(cheap, bid.bidder).end(),
      bidder2: when(middling, bid.bidder).end(),
      bidder3: when(dear, bid.bidder).end(),
      auction1: when(cheap, bid.auction).end(),
      auction2: when(middling, bid.auction).end(),
      auction3: when(dear, bid.auction).end(),
    };
  });
}
