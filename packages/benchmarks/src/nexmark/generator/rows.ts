/** The same events row by row, for oracles and for programs that work on rows. */
import { auctionTexts } from './auction-columns.js';
import { bidExtra } from './bid-columns.js';
import {
  auctionCategory,
  auctionExpiresMs,
  auctionInitialBid,
  auctionReserve,
  auctionSeller,
  bidAuction,
  bidBidder,
  bidChannel,
  bidPrice,
  EVENTS_PER_EPOCH,
  FIRST_BID,
  FIRST_ID,
  lastAuction,
  lastPerson,
  type NexmarkModel,
  timeMsOf,
} from './model.js';
import { textOf } from './padding.js';
import { personExtra, writeCard, writeEmail } from './person-columns.js';
import { CARD_LENGTH, emailLength, personCity, personName, personState } from './sizes.js';
import { channels, cities, personNames, states, urls } from './vocabulary.js';

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly dateTime: number;
  readonly extra: string;
}

export interface Auction {
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly dateTime: number;
  readonly expires: number;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: number;
  readonly extra: string;
}

export type NexmarkEvent =
  | ({ readonly kind: 'person' } & Person)
  | ({ readonly kind: 'auction' } & Auction)
  | ({ readonly kind: 'bid' } & Bid);

/** Every event in order, one object each. */
export function* nexmarkEvents(model: NexmarkModel): Generator<NexmarkEvent> {
  for (let event = 0; event < model.events; event++) yield nexmarkEvent(model, event);
}

/** One event by its number. */
export function nexmarkEvent(model: NexmarkModel, event: number): NexmarkEvent {
  const offset = event % EVENTS_PER_EPOCH;
  if (offset === 0) return { kind: 'person', ...personAt(model, event) };
  if (offset < FIRST_BID) return { kind: 'auction', ...auctionAt(model, event) };
  return { kind: 'bid', ...bidAt(model, event) };
}

function personAt(model: NexmarkModel, event: number): Person {
  return {
    id: FIRST_ID + lastPerson(event),
    name: personNames.words[personName(model, event)] as string,
    emailAddress: written(emailLength(model, event), (bytes) => writeEmail(model, event, bytes, 0)),
    creditCard: written(CARD_LENGTH, (bytes) => writeCard(model, event, bytes, 0)),
    city: cities.words[personCity(model, event)] as string,
    state: states.words[personState(model, event)] as string,
    dateTime: timeMsOf(model, event),
    extra: textOf(model, event, personExtra),
  };
}

function auctionAt(model: NexmarkModel, event: number): Auction {
  return {
    id: FIRST_ID + lastAuction(event),
    itemName: textOf(model, event, auctionTexts.itemName),
    description: textOf(model, event, auctionTexts.description),
    initialBid: auctionInitialBid(model, event),
    reserve: auctionReserve(model, event),
    dateTime: timeMsOf(model, event),
    expires: auctionExpiresMs(model, event),
    seller: auctionSeller(model, event),
    category: auctionCategory(model, event),
    extra: textOf(model, event, auctionTexts.extra),
  };
}

function bidAt(model: NexmarkModel, event: number): Bid {
  const channel = bidChannel(model, event);
  return {
    auction: bidAuction(model, event),
    bidder: bidBidder(model, event),
    price: bidPrice(model, event),
    channel: channels.words[channel] as string,
    url: urls.words[channel] as string,
    dateTime: timeMsOf(model, event),
    extra: textOf(model, event, bidExtra),
  };
}

function written(length: number, write: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(length);
  write(bytes);
  return String.fromCharCode(...bytes);
}
