import type { NexmarkStreams } from '../nexmark-streams.js';

/** Pass through: every bid as it is. Measures what the engine itself costs. */
export function q0({ bids }: NexmarkStreams) {
  return bids.select(['auction', 'bidder', 'price', 'dateTime', 'extra']);
}
