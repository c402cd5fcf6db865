import { type Column, defineSchema, dictionary, int64, makeColumn, timestamp, utf8 } from '@sabot/columnar';
import { bidAuction, bidBidder, bidChannel, bidPrice, FIRST_BID, type NexmarkModel, SALT } from './model.js';
import { LETTERS, type TextColumn, textColumn } from './padding.js';
import { bidPaddingLength } from './sizes.js';
import { timeColumn } from './time-column.js';
import { channels, urls } from './vocabulary.js';

/** A bid of so many cents by a person for an auction. */
export const bidSchema = defineSchema({
  auction: int64(),
  bidder: int64(),
  price: int64(),
  channel: dictionary(),
  url: dictionary(),
  dateTime: timestamp('ms'),
  extra: utf8(),
});

export const bidExtra: TextColumn = {
  salt: SALT.padding,
  pool: LETTERS,
  firstOffset: FIRST_BID,
  length: bidPaddingLength,
};

type Maker = (model: NexmarkModel, events: Int32Array) => Column;

/** How each column of bids is made. A loop for each, so that each becomes machine code with its rule inside. */
export const bidColumns: Readonly<Record<keyof typeof bidSchema.fields, Maker>> = {
  auction(model, events) {
    const values = new Int32Array(2 * events.length);
    for (let i = 0; i < events.length; i++) values[2 * i] = bidAuction(model, events[i] as number);
    return makeColumn(int64(), events.length, { values });
  },
  bidder(model, events) {
    const values = new Int32Array(2 * events.length);
    for (let i = 0; i < events.length; i++) values[2 * i] = bidBidder(model, events[i] as number);
    return makeColumn(int64(), events.length, { values });
  },
  price(model, events) {
    const values = new Int32Array(2 * events.length);
    for (let i = 0; i < events.length; i++) values[2 * i] = bidPrice(model, events[i] as number);
    return makeColumn(int64(), events.length, { values });
  },
  channel(model, events) {
    const values = channelCodes(model, events);
    return makeColumn(dictionary(), events.length, { values, children: [channels.column] });
  },
  url(model, events) {
    const values = channelCodes(model, events);
    return makeColumn(dictionary(), events.length, { values, children: [urls.column] });
  },
  dateTime: timeColumn,
  extra(model, events) {
    const lengths = new Int32Array(events.length);
    for (let i = 0; i < events.length; i++) lengths[i] = bidPaddingLength(model, events[i] as number);
    return textColumn(model, events, lengths, bidExtra);
  },
};

/** The codes of the batch that was made last: channel and url have the same ones. */
let latest: { readonly events: Int32Array; readonly codes: Int32Array } | undefined;

function channelCodes(model: NexmarkModel, events: Int32Array): Int32Array {
  if (latest?.events === events) return latest.codes;
  const codes = new Int32Array(events.length);
  for (let i = 0; i < events.length; i++) codes[i] = bidChannel(model, events[i] as number);
  latest = { events, codes };
  return codes;
}
