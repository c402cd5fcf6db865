import { bestMatchJoin } from '@sabot/joins';
import type { NexmarkStreams } from '../nexmark-streams.js';

/** Winning bids: every closed auction with its highest bid, of equal ones the first. */
export function q9({ auctions, bids }: NexmarkStreams) {
  return bestMatchJoin(auctions, bids, {
    on: { id: 'auction' },
    until: 'expires',
    by: 'price',
    prefix: 'bid_',
    timeColumn: 'closedAt',
    name: 'winning-bids',
  }).output;
}
