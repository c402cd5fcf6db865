import { windowJoin } from '@sabot/joins';
import { hopping, tumbling } from '@sabot/stream';
import type { NexmarkStreams } from '../nexmark-streams.js';

const SIZE_MS = 10_000;
const SLIDE_MS = 2_000;

/** Hot items: which auctions had the most bids in the last ten seconds? Asked every two seconds. */
export function q5({ bids }: NexmarkStreams) {
  const counts = bids
    .keyBy('auction')
    .window(hopping({ sizeMs: SIZE_MS, slideMs: SLIDE_MS }))
    .aggregate((bid) => ({ bids: bid.count() }), { name: 'bids-per-auction' })
    .select((count) => ({
      auction: count.auction,
      bids: count.bids,
      window: count.windowEnd,
      windowTime: count.windowTime,
    }));
  // One window's results carry one time: its end − 1 ms. A window of the slide holds the results of one of them.
  const most = counts
    .keyBy('window')
    .window(tumbling({ sizeMs: SLIDE_MS }))
    .aggregate((count) => ({ most: count.max('bids') }), { name: 'most-bids' })
    .select(['most', 'windowTime']);
  return windowJoin(counts, most, {
    on: { bids: 'most' },
    window: tumbling({ sizeMs: SLIDE_MS }),
    select: [],
    windowPrefix: 'slide_',
    name: 'hottest',
  }).output.select(['window', 'auction', 'bids']);
}
