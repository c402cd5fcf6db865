import { bestMatchJoin } from '@sabot/joins';
import type { NexmarkStreams } from '../nexmark-streams.js';

/** Average price per category: the mean of the winning bids of the auctions that have closed, as a table that changes. */
export function q4({ auctions, bids }: NexmarkStreams) {
  const winning = bestMatchJoin(
    auctions.select(['id', 'category', 'dateTime', 'expires']),
    bids.select(['auction', 'price', 'dateTime']),
    { on: { id: 'auction' }, until: 'expires', by: 'price', select: ['price'], name: 'winning-bids' },
  ).output;
  return winning.keyBy('category').aggregate((bid) => ({ average: bid.mean('price') }), { name: 'average-price' });
}
