import type { Bid, NexmarkEvent } from '../generator/rows.js';
import { bidsIn, boundsOf, greatest, grouped, type OracleRow } from './grouping.js';

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

const dayOf = ({ dateTime }: Bid): number => Math.floor(dateTime / DAY_MS) * DAY_MS;
const RANKS: readonly ((bid: Bid) => boolean)[] = [
  () => true,
  ({ price }) => price < 10_000,
  ({ price }) => price >= 10_000 && price < 1_000_000,
  ({ price }) => price >= 1_000_000,
];

/** A number for all bids and for each rank: `name`, `name1`, `name2`, `name3`. */
function byRank(name: string, bids: readonly Bid[], measure: (bids: readonly Bid[]) => number): OracleRow {
  return Object.fromEntries(RANKS.map((holds, rank) => [`${name}${rank || ''}`, measure(bids.filter(holds))]));
}

function biddingStatistics(bids: readonly Bid[]): OracleRow {
  return {
    ...byRank('bids', bids, (some) => some.length),
    ...byRank('bidders', bids, (some) => new Set(some.map(({ bidder }) => bidder)).size),
    ...byRank('auctions', bids, (some) => new Set(some.map(({ auction }) => auction)).size),
  };
}

export function q15(events: readonly NexmarkEvent[]): OracleRow[] {
  return [...grouped(bidsIn(events), dayOf)].map(([day, bids]) => ({
    day,
    ...boundsOf(day, DAY_MS),
    ...biddingStatistics(bids),
  }));
}

export function q16(events: readonly NexmarkEvent[]): OracleRow[] {
  return [...grouped(bidsIn(events), (bid) => `${dayOf(bid)} ${bid.channel}`).values()].map((bids) => {
    const [first] = bids as [Bid, ...Bid[]];
    return {
      channel: first.channel,
      ...boundsOf(dayOf(first), DAY_MS),
      minute: greatest(bids.map(({ dateTime }) => Math.floor(dateTime / MINUTE_MS) * MINUTE_MS)),
      ...biddingStatistics(bids),
    };
  });
}

export function q17(events: readonly NexmarkEvent[]): OracleRow[] {
  return [...grouped(bidsIn(events), (bid) => `${dayOf(bid)} ${bid.auction}`).values()].map((bids) => {
    const [first] = bids as [Bid, ...Bid[]];
    const total = bids.reduce((sum, { price }) => sum + price, 0);
    return {
      auction: first.auction,
      ...boundsOf(dayOf(first), DAY_MS),
      ...byRank('bids', bids, (some) => some.length),
      least: -greatest(bids.map(({ price }) => -price)),
      greatest: greatest(bids.map(({ price }) => price)),
      mean: total / bids.length,
      total,
    };
  });
}
