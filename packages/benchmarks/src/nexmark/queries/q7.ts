import { lit } from '@sabot/columnar/expressions';
import { windowJoin } from '@sabot/joins';
import { tumbling } from '@sabot/stream';
import type { NexmarkStreams } from '../nexmark-streams.js';

const window = tumbling({ sizeMs: 10_000 });

/** Highest bid: the bids with the highest price of every ten seconds. */
export function q7({ bids }: NexmarkStreams) {
  const offers = bids.select(['auction', 'bidder', 'price', 'dateTime', 'extra']);
  const highest = bids
    .select((bid) => ({ everything: lit(0), price: bid.price, dateTime: bid.dateTime }))
    .keyBy('everything')
    .window(window)
    .aggregate((bid) => ({ highest: bid.max('price') }), { name: 'highest-price' });
  return windowJoin(offers, highest, {
    on: { price: 'highest' },
    window,
    select: [],
    name: 'highest-bids',
  }).output.select(['auction', 'bidder', 'price', 'dateTime', 'extra']);
}
