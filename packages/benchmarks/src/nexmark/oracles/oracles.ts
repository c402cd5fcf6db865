/**
 * What each query must give: naive simulators that go through the events row by row, with maps and arrays, and share
 * nothing with the engine. Rows have the query's columns; their order is not compared.
 */
import type { NexmarkEvent } from '../generator/rows.js';
import { sideValue } from '../queries/q13.js';
import type { NexmarkQueryName } from '../queries/queries.js';
import { bidsIn, type OracleRow } from './grouping.js';
import { q3, q4, q9, q20 } from './joins.js';
import { q15, q16, q17 } from './statistics.js';
import { q18, q19 } from './tables.js';
import { q5, q7, q8, q11 } from './windows.js';

type Oracle = (events: readonly NexmarkEvent[]) => readonly OracleRow[];

/** The simulator of every query. */
export const nexmarkOracles: Readonly<Record<NexmarkQueryName, Oracle>> = {
  q0,
  q1: (events) => q0(events).map((bid) => ({ ...bid, price: Number(bid['price']) * 0.908 })),
  q2: (events) => bidsIn(events).flatMap(({ auction, price }) => (auction % 123 === 0 ? { auction, price } : [])),
  q3,
  q4,
  q5,
  q7,
  q8,
  q9,
  q11,
  q13: (events) =>
    bidsIn(events).map(({ auction, bidder, price, dateTime }) => {
      return { auction, bidder, price, dateTime, value: sideValue(auction % 10_000) };
    }),
  q15,
  q16,
  q17,
  q18,
  q19,
  q20,
};

function q0(events: readonly NexmarkEvent[]): OracleRow[] {
  return bidsIn(events).map(({ auction, bidder, price, dateTime, extra }) => {
    return { auction, bidder, price, dateTime, extra };
  });
}
