import { type Column, defineSchema, int64, makeColumn, timestamp, utf8 } from '@sabot/columnar';
import {
  auctionCategory,
  auctionExpiresMs,
  auctionInitialBid,
  auctionReserve,
  auctionSeller,
  FIRST_ID,
  lastAuction,
  type NexmarkModel,
  SALT,
} from './model.js';
import { LETTERS, type TextColumn, textColumn, WORDS } from './padding.js';
import { auctionDescriptionLength, auctionNameLength, auctionPaddingLength } from './sizes.js';
import { timeColumn, writeMs } from './time-column.js';

/** An auction that a person opens at `dateTime`, which ends at `expires`. */
export const auctionSchema = defineSchema({
  id: int64(),
  itemName: utf8(),
  description: utf8(),
  initialBid: int64(),
  reserve: int64(),
  dateTime: timestamp('ms'),
  expires: timestamp('ms'),
  seller: int64(),
  category: int64(),
  extra: utf8(),
});

export const auctionTexts = {
  itemName: { salt: SALT.name, pool: WORDS, firstOffset: 1, length: auctionNameLength },
  description: { salt: SALT.description, pool: WORDS, firstOffset: 1, length: auctionDescriptionLength },
  extra: { salt: SALT.padding, pool: LETTERS, firstOffset: 1, length: auctionPaddingLength },
} as const satisfies Readonly<Record<string, TextColumn>>;

type Maker = (model: NexmarkModel, events: Int32Array) => Column;

/** How each column of auctions is made. */
export const auctionColumns: Readonly<Record<keyof typeof auctionSchema.fields, Maker>> = {
  id: (_model, events) => integers(events, (event) => FIRST_ID + lastAuction(event)),
  itemName: (model, events) => texts(model, events, auctionTexts.itemName),
  description: (model, events) => texts(model, events, auctionTexts.description),
  initialBid: (model, events) => integers(events, (event) => auctionInitialBid(model, event)),
  reserve: (model, events) => integers(events, (event) => auctionReserve(model, event)),
  dateTime: timeColumn,
  expires(model, events) {
    const values = new Int32Array(2 * events.length);
    for (let i = 0; i < events.length; i++) writeMs(values, i, auctionExpiresMs(model, events[i] as number));
    return makeColumn(timestamp('ms'), events.length, { values });
  },
  seller: (model, events) => integers(events, (event) => auctionSeller(model, event)),
  category: (model, events) => integers(events, (event) => auctionCategory(model, event)),
  extra: (model, events) => texts(model, events, auctionTexts.extra),
};

/** Six of a hundred events are auctions: a call per value is cheap enough here. */
function integers(events: Int32Array, value: (event: number) => number): Column {
  const values = new Int32Array(2 * events.length);
  for (let i = 0; i < events.length; i++) values[2 * i] = value(events[i] as number);
  return makeColumn(int64(), events.length, { values });
}

function texts(model: NexmarkModel, events: Int32Array, column: TextColumn): Column {
  return textColumn(
    model,
    events,
    events.map((event) => column.length(model, event)),
    column,
  );
}
