import type { NexmarkEvent } from '../generator/rows.js';
import { auctionsIn, bidsIn, type OracleRow, personsIn } from './grouping.js';

export function q3(events: readonly NexmarkEvent[]): OracleRow[] {
  const sellers = new Map(personsIn(events).map((person) => [person.id, person]));
  return auctionsIn(events).flatMap(({ id, seller, category }) => {
    const person = sellers.get(seller);
    if (category !== 10 || person === undefined || !['OR', 'ID', 'CA'].includes(person.state)) return [];
    return { name: person.name, city: person.city, state: person.state, id };
  });
}

export function q20(events: readonly NexmarkEvent[]): OracleRow[] {
  const auctions = new Map(auctionsIn(events).map((auction) => [auction.id, auction]));
  return bidsIn(events).flatMap((bid) => {
    const auction = auctions.get(bid.auction);
    if (auction?.category !== 10) return [];
    const prefixed = Object.entries(auction).filter(([name]) => name !== 'kind');
    const { kind: _bid, ...own } = bid as NexmarkEvent & { readonly dateTime: number };
    return {
      ...own,
      ...Object.fromEntries(prefixed.map(([name, value]) => [`auction_${name}`, value])),
      joinTime: Math.max(bid.dateTime, auction.dateTime),
    };
  });
}
