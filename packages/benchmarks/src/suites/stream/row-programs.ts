/**
 * The core queries as programs that take one event at a time, as one would write them by hand: objects, maps and arrays.
 * What RxJS and a plain loop run; windows come out when an event passes their end.
 */
import type { Auction, Bid, NexmarkEvent, Person } from '../../nexmark/generator/rows.js';

type Emit = (row: object) => void;

export interface RowProgram {
  push(event: NexmarkEvent, emit: Emit): void;
  /** The input has ended. */
  end(emit: Emit): void;
}

export type RowQueryName = 'q0' | 'q1' | 'q2' | 'q3' | 'q4' | 'q5' | 'q7' | 'q8';

/** A fresh program by the name of its query. */
export const rowPrograms: Readonly<Record<RowQueryName, () => RowProgram>> = {
  q0: () =>
    perBid(({ auction, bidder, price, dateTime, extra }, emit) => emit({ auction, bidder, price, dateTime, extra })),
  q1: () =>
    perBid(({ auction, bidder, price, dateTime, extra }, emit) =>
      emit({ auction, bidder, price: price * 0.908, dateTime, extra }),
    ),
  q2: () =>
    perBid(({ auction, price }, emit) => {
      if (auction % 123 === 0) emit({ auction, price });
    }),
  q3: localItems,
  q4: averagePrices,
  q5: hotItems,
  q7: highestBids,
  q8: newSellers,
};

function perBid(onBid: (bid: Bid, emit: Emit) => void): RowProgram {
  return {
    push(event, emit) {
      if (event.kind === 'bid') onBid(event, emit);
    },
    end: () => undefined,
  };
}

function localItems(): RowProgram {
  const sellers = new Map<number, Person>();
  const waiting = new Map<number, Auction[]>();
  const put = ({ name, city, state }: Person, { id }: Auction, emit: Emit) => emit({ name, city, state, id });
  return {
    push(event, emit) {
      if (event.kind === 'person' && (event.state === 'OR' || event.state === 'ID' || event.state === 'CA')) {
        sellers.set(event.id, event);
        for (const auction of waiting.get(event.id) ?? []) put(event, auction, emit);
        waiting.delete(event.id);
      }
      if (event.kind !== 'auction' || event.category !== 10) return;
      const seller = sellers.get(event.seller);
      if (seller !== undefined) put(seller, event, emit);
      else waiting.set(event.seller, [...(waiting.get(event.seller) ?? []), event]);
    },
    end: () => undefined,
  };
}

function averagePrices(): RowProgram {
  const open = new Map<number, { readonly category: number; readonly expires: number; highest: number }>();
  const totals = new Map<number, { sum: number; count: number }>();
  let sweepAt = 0;
  const close = (timeMs: number, emit: Emit) => {
    for (const [id, { category, expires, highest }] of open) {
      if (expires >= timeMs) continue;
      open.delete(id);
      if (highest < 0) continue;
      const total = totals.get(category) ?? { sum: 0, count: 0 };
      totals.set(category, total);
      total.sum += highest;
      total.count++;
      emit({ category, average: total.sum / total.count });
    }
  };
  return {
    push(event, emit) {
      if (event.kind === 'auction')
        open.set(event.id, { category: event.category, expires: event.expires, highest: -1 });
      if (event.kind !== 'bid') return;
      const auction = open.get(event.auction);
      if (auction !== undefined && event.dateTime <= auction.expires && event.price > auction.highest) {
        auction.highest = event.price;
      }
      if (event.dateTime < sweepAt) return;
      close(event.dateTime, emit);
      sweepAt = event.dateTime + 100;
    },
    end: (emit) => close(Number.POSITIVE_INFINITY, emit),
  };
}

/** Something per window, which is finished when an event comes after its end. */
function windows<State>(
  sizeMs: number,
  slideMs: number,
  create: () => State,
  finish: (state: State, startMs: number, emit: Emit) => void,
) {
  const open = new Map<number, State>();
  const closeUntil = (timeMs: number, emit: Emit) => {
    for (const [startMs, state] of open) {
      if (startMs + sizeMs > timeMs) continue;
      open.delete(startMs);
      finish(state, startMs, emit);
    }
  };
  return {
    /** Calls back with every window that the time lies in. */
    each(timeMs: number, emit: Emit, update: (state: State) => void) {
      closeUntil(timeMs, emit);
      for (let startMs = Math.floor(timeMs / slideMs) * slideMs; startMs > timeMs - sizeMs; startMs -= slideMs) {
        let state = open.get(startMs);
        if (state === undefined) {
          state = create();
          open.set(startMs, state);
        }
        update(state);
      }
    },
    end: (emit: Emit) => closeUntil(Number.POSITIVE_INFINITY, emit),
  };
}

function hotItems(): RowProgram {
  const counting = windows(
    10_000,
    2000,
    () => new Map<number, number>(),
    (counts, startMs, emit) => {
      let most = 0;
      for (const count of counts.values()) most = Math.max(most, count);
      for (const [auction, bids] of counts) if (bids === most) emit({ window: startMs + 10_000, auction, bids });
    },
  );
  return {
    push(event, emit) {
      if (event.kind !== 'bid') return;
      const { auction } = event;
      counting.each(event.dateTime, emit, (counts) => counts.set(auction, (counts.get(auction) ?? 0) + 1));
    },
    end: counting.end,
  };
}

function highestBids(): RowProgram {
  const highest = windows<{ bids: Bid[] }>(
    10_000,
    10_000,
    () => ({ bids: [] }),
    ({ bids }, _startMs, emit) => bids.forEach(emit),
  );
  return {
    push(event, emit) {
      if (event.kind !== 'bid') return;
      highest.each(event.dateTime, emit, (window) => {
        const price = window.bids[0]?.price ?? -1;
        if (event.price > price) window.bids = [event];
        else if (event.price === price) window.bids.push(event);
      });
    },
    end: highest.end,
  };
}

function newSellers(): RowProgram {
  const joining = windows(
    10_000,
    10_000,
    () => ({ persons: new Map<number, string>(), sellers: new Set<number>() }),
    ({ persons, sellers }, windowStart, emit) => {
      for (const [id, name] of persons) if (sellers.has(id)) emit({ id, name, windowStart });
    },
  );
  return {
    push(event, emit) {
      if (event.kind === 'person')
        joining.each(event.dateTime, emit, ({ persons }) => persons.set(event.id, event.name));
      if (event.kind === 'auction') joining.each(event.dateTime, emit, ({ sellers }) => sellers.add(event.seller));
    },
    end: joining.end,
  };
}
