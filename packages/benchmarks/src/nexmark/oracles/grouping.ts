import type { Auction, Bid, NexmarkEvent, Person } from '../generator/rows.js';

/** A row as a query puts it out: columns by name, times as epoch milliseconds, integers as numbers. */
export type OracleRow = Readonly<Record<string, unknown>>;

export function bidsIn(events: readonly NexmarkEvent[]): Bid[] {
  return events.flatMap((event) => (event.kind === 'bid' ? event : []));
}

export function auctionsIn(events: readonly NexmarkEvent[]): Auction[] {
  return events.flatMap((event) => (event.kind === 'auction' ? event : []));
}

export function personsIn(events: readonly NexmarkEvent[]): Person[] {
  return events.flatMap((event) => (event.kind === 'person' ? event : []));
}

/** Values by what a function says of them, in order of appearance. */
export function grouped<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** The starts of the windows that a time lies in. */
export function windowsOf(timeMs: number, sizeMs: number, slideMs: number): number[] {
  const starts: number[] = [];
  for (let start = Math.floor(timeMs / slideMs) * slideMs; start > timeMs - sizeMs; start -= slideMs)
    starts.push(start);
  return starts;
}

/** The bounds that window results carry. */
export function boundsOf(windowStart: number, sizeMs: number): OracleRow {
  return { windowStart, windowEnd: windowStart + sizeMs, windowTime: windowStart + sizeMs - 1 };
}

/** The greatest of many numbers. */
export function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}
