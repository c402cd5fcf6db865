import type { NexmarkEvent } from '../generator/rows.js';
import { bidsIn, grouped, type OracleRow } from './grouping.js';

/** The rows that the table holds in the end. */
export function q18(events: readonly NexmarkEvent[]): OracleRow[] {
  const last = new Map<string, OracleRow>();
  // Times never go back, so the last to come is the latest.
  for (const { kind: _kind, ...bid } of bidsIn(events) as (NexmarkEvent & { kind: 'bid' })[]) {
    last.set(`${bid.bidder} ${bid.auction}`, bid);
  }
  return [...last.values()];
}

/** The rows that the table holds in the end; of equal prices, the first bid stands higher. */
export function q19(events: readonly NexmarkEvent[]): OracleRow[] {
  return [...grouped(bidsIn(events), ({ auction }) => auction).values()].flatMap((bids) =>
    [...(bids as (NexmarkEvent & { kind: 'bid' })[])]
      .sort((a, b) => b.price - a.price)
      .slice(0, 10)
      .map(({ kind: _kind, ...bid }, place) => ({ ...bid, rank: place + 1 })),
  );
}
