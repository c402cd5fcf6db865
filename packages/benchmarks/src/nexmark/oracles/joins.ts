import type { Auction, Bid, NexmarkEvent } from '../generator/rows.js';
import { auctionsIn, bidsIn, grouped, type OracleRow, personsIn } from './grouping.js';

export function q3(events: readonly NexmarkEvent[]): OracleRow[] {
  const sellers = new Map(personsIn(events).map((person) => [person.id, person]));
  return auctionsIn(events).flatMap(({ id, seller, category }) => {
    const person = sellers.get(seller);
    if (category !== 10 || person === undefined || !['OR', 'ID', 'CA'].includes(person.state)) return [];
    return { name: person.name, city: person.city, state: person.state, id };
  });
}

/** Every auction that somebody bid for while it was open, with its highest bid, of equal ones the first. */
function winners(events: readonly NexmarkEvent[]): readonly { readonly auction: Auction; readonly bid: Bid }[] {
  const offers = grouped(bidsIn(events), (bid) => bid.auction);
  return auctionsIn(events).flatMap((auction) => {
    let best: Bid | undefined;
    for (const bid of offers.get(auction.id) ?? []) {
      if (bid.dateTime < auction.dateTime || bid.dateTime > auction.expires) continue;
      if (best === undefined || bid.price > best.price) best = bid;
    }
    return best === undefined ? [] : { auction, bid: best };
  });
}

export function q4(events: readonly NexmarkEvent[]): OracleRow[] {
  return [...grouped(winners(events), ({ auction }) => auction.category)].map(([category, won]) => ({
    category,
    average: won.reduce((sum, { bid }) => sum + bid.price, 0) / won.length,
  }));
}

export function q9(events: readonly NexmarkEvent[]): OracleRow[] {
  return winners(events).map(({ auction, bid }) => ({
    ...columnsOf(auction),
    ...prefixed('bid_', columnsOf(bid)),
    closedAt: auction.expires,
  }));
}

export function q20(events: readonly NexmarkEvent[]): OracleRow[] {
  const auctions = new Map(auctionsIn(events).map((auction) => [auction.id, auction]));
  return bidsIn(events).flatMap((bid) => {
    const auction = auctions.get(bid.auction);
    if (auction?.category !== 10) return [];
    const joinTime = Math.max(bid.dateTime, auction.dateTime);
    return { ...columnsOf(bid), ...prefixed('auction_', columnsOf(auction)), joinTime };
  });
}

/** An event without its kind. */
function columnsOf(event: Auction | Bid): OracleRow {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'kind'));
}

function prefixed(prefix: string, row: OracleRow): OracleRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [prefix + name, value]));
}
