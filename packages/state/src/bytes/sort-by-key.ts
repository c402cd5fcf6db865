import { compareBytes } from './compare.js';

/** Bytes that a number holds exactly. */
const PREFIX_BYTES = 6;

/**
 * Items in the order of their keys, which are distinct.
 *
 * Algorithm: what all keys begin with is skipped, the next six bytes are compared as one number, and only where these are
 * equal the keys themselves.
 */
export function sortedByKey<T>(items: readonly T[], keyOf: (item: T) => Uint8Array): T[] {
  const keys = items.map(keyOf);
  const skipped = commonPrefix(keys);
  const prefixes = Float64Array.from(keys, (key) => numberAt(key, skipped));
  const order = Uint32Array.from(keys, (_, at) => at);
  order.sort(
    (a, b) =>
      (prefixes[a] as number) - (prefixes[b] as number) || compareBytes(keys[a] as Uint8Array, keys[b] as Uint8Array),
  );
  return Array.from(order, (at) => items[at] as T);
}

function commonPrefix(keys: readonly Uint8Array[]): number {
  const [first] = keys;
  if (first === undefined) return 0;
  let shared = first.length;
  for (const key of keys) {
    let at = 0;
    while (at < shared && at < key.length && key[at] === first[at]) at++;
    shared = at;
  }
  return shared;
}

/** Missing bytes count as 0: keys that end inside the prefix tie with their longer neighbours and are compared. */
function numberAt(key: Uint8Array, from: number): number {
  let value = 0;
  for (let at = from; at < from + PREFIX_BYTES; at++) value = value * 256 + (key[at] ?? 0);
  return value;
}
