import type { NexmarkEvent } from '../generator/rows.js';
import { auctionsIn, bidsIn, greatest, grouped, type OracleRow, personsIn, windowsOf } from './grouping.js';

const WINDOW_MS = 10_000;

export function q5(events: readonly NexmarkEvent[]): OracleRow[] {
  const rows: OracleRow[] = [];
  const bids = bidsIn(events).flatMap(({ auction, dateTime }) =>
    windowsOf(dateTime, WINDOW_MS, 2000).map((start) => ({ auction, start })),
  );
  for (const [start, inside] of grouped(bids, (bid) => bid.start)) {
    const counts = [...grouped(inside, ({ auction }) => auction)].map(([auction, of]) => ({
      auction,
      bids: of.length,
    }));
    const most = greatest(counts.map((count) => count.bids));
    for (const count of counts) if (count.bids === most) rows.push({ window: start + WINDOW_MS, ...count });
  }
  return rows;
}

export function q7(events: readonly NexmarkEvent[]): OracleRow[] {
  return [...grouped(bidsIn(events), ({ dateTime }) => Math.floor(dateTime / WINDOW_MS)).values()].flatMap((bids) => {
    const highest = greatest(bids.map(({ price }) => price));
    return bids
      .filter(({ price }) => price === highest)
      .map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra }));
  });
}

export function q8(events: readonly NexmarkEvent[]): OracleRow[] {
  const sellers = new Set(
    auctionsIn(events).map(({ seller, dateTime }) => `${seller} ${Math.floor(dateTime / WINDOW_MS)}`),
  );
  return personsIn(events).flatMap(({ id, name, dateTime }) => {
    const window = Math.floor(dateTime / WINDOW_MS);
    return sellers.has(`${id} ${window}`) ? { id, name, windowStart: window * WINDOW_MS } : [];
  });
}

export function q11(events: readonly NexmarkEvent[]): OracleRow[] {
  const rows: OracleRow[] = [];
  for (const [bidder, bids] of grouped(bidsIn(events), (bid) => bid.bidder)) {
    let windowStart = 0;
    let windowEnd = Number.NEGATIVE_INFINITY;
    let count = 0;
    const close = () => {
      if (count > 0) rows.push({ bidder, bids: count, windowStart, windowEnd });
      count = 0;
    };
    for (const { dateTime } of bids) {
      if (dateTime >= windowEnd) {
        close();
        windowStart = dateTime;
      }
      windowEnd = dateTime + WINDOW_MS;
      count++;
    }
    close();
  }
  return rows;
}
