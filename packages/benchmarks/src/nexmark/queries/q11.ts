import { session } from '@sabot/stream';
import type { NexmarkStreams } from '../nexmark-streams.js';

/** User sessions: how many bids did a person make in each stretch of activity? A silence of ten seconds ends one. */
export function q11({ bids }: NexmarkStreams) {
  return bids
    .keyBy('bidder')
    .window(session({ gapMs: 10_000 }))
    .aggregate((bid) => ({ bids: bid.count() }))
    .select(['bidder', 'bids', 'windowStart', 'windowEnd']);
}
