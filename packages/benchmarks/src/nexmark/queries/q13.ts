import { createBatch, defineSchema, int64, makeColumn, utf8 } from '@sabot/columnar';
import { streamTableJoin, tableFromBatches } from '@sabot/joins';
import type { NexmarkStreams } from '../nexmark-streams.js';

const KEYS = 10_000;
const sideSchema = defineSchema({ key: int64(), value: utf8() });

/** Bounded side input: every bid with what a table of 10,000 rows says about its auction. */
export function q13({ bids }: NexmarkStreams) {
  return streamTableJoin(
    bids.select((bid) => ({
      auction: bid.auction,
      bidder: bid.bidder,
      price: bid.price,
      dateTime: bid.dateTime,
      side: bid.auction.mod(KEYS),
    })),
    sideInput(),
    { on: 'side' },
  ).select(['auction', 'bidder', 'price', 'dateTime', 'value']);
}

/** `0` to `9999`, each with `value-N`. */
function sideInput() {
  const texts = Array.from({ length: KEYS }, (_, key) => new TextEncoder().encode(sideValue(key)));
  const offsets = new Int32Array(KEYS + 1);
  const keys = new Int32Array(2 * KEYS);
  for (let key = 0; key < KEYS; key++) {
    keys[2 * key] = key;
    offsets[key + 1] = (offsets[key] as number) + (texts[key] as Uint8Array).length;
  }
  const values = new Uint8Array(offsets[KEYS] as number);
  for (let key = 0; key < KEYS; key++) values.set(texts[key] as Uint8Array, offsets[key]);
  const columns = [makeColumn(int64(), KEYS, { values: keys }), makeColumn(utf8(), KEYS, { values, offsets })];
  return tableFromBatches(sideSchema, [createBatch(sideSchema, columns)], { key: 'key', name: 'side input' });
}

export function sideValue(key: number): string {
  return `value-${key}`;
}
