/**
 * The rules of Nexmark's events, as pure functions of a model and an event number.
 *
 * Source: the generator of Apache Beam's Nexmark suite (ids, proportions, hot keys, prices, life of auctions, sizes) and, for
 * channel and url, nexmark/nexmark. The random numbers are our own: a hash of (seed, event, column), so that any event can
 * be made without those before it, in any split, in batches of any size.
 */
import { benchmarksErrors } from '../../errors.js';

export const EVENTS_PER_EPOCH = 50;
export const AUCTIONS_PER_EPOCH = 3;
/** The first bid of an epoch: event 0 is a person, 1 to 3 are auctions. */
export const FIRST_BID = 1 + AUCTIONS_PER_EPOCH;
export const FIRST_ID = 1000;
export const FIRST_CATEGORY = 10;
export const HOT_CHANNELS: readonly string[] = ['Google', 'Facebook', 'Baidu', 'Apple'];
export const CHANNELS = 10_000;

const CATEGORIES = 5;
const ID_LEAD = 10;
const ACTIVE_PEOPLE = 1000;
const AUCTIONS_IN_FLIGHT = 100;
/** Of so many neighbouring ids, the first is the hot one. */
const HOT_RANGE = 100;
const MAX_EVENTS = 2 ** 31 - 1;
const WORD = 2 ** 32;

export interface NexmarkOptions {
  /** How many events there are in all: persons, auctions and bids together; at most 2³¹ − 1. */
  readonly events: number;
  /** The same seed makes the same events; default 1. */
  readonly seed?: number;
  /** Event time of the first event, epoch milliseconds; default 2015-07-15T00:00:00Z, Beam's base time. */
  readonly baseTimeMs?: number;
  /** Events per second of event time; default 10,000, Beam's. */
  readonly eventsPerSecond?: number;
  /** Parts that can be generated side by side, by whole epochs in turns; default 1. */
  readonly splits?: number;
}

/** Checked options, and what follows from them. */
export interface NexmarkModel {
  readonly events: number;
  readonly seed: number;
  readonly baseTimeMs: number;
  readonly eventsPerSecond: number;
  readonly splits: number;
  /** How far ahead, in event time, an auction that opens now may close: twice the time of the auctions in flight. */
  readonly auctionHorizonMs: number;
}

/** Errors: `SABOT_BENCHMARKS_OPTION_INVALID`. */
export function nexmarkModel(options: NexmarkOptions): NexmarkModel {
  const { events, seed = 1, baseTimeMs = 1_436_918_400_000, eventsPerSecond = 10_000, splits = 1 } = options;
  requireWhole('events', events, 0, MAX_EVENTS);
  requireWhole('seed', seed, 0, WORD - 1);
  requireWhole('baseTimeMs', baseTimeMs, 0, 8.64e15);
  requireWhole('eventsPerSecond', eventsPerSecond, 1, 1e9);
  requireWhole('splits', splits, 1, 1024);
  const eventsInFlight = Math.floor((AUCTIONS_IN_FLIGHT * EVENTS_PER_EPOCH) / AUCTIONS_PER_EPOCH);
  const horizonMs = Math.floor((eventsInFlight * 1000) / eventsPerSecond);
  return { events, seed, baseTimeMs, eventsPerSecond, splits, auctionHorizonMs: Math.max(2 * horizonMs, 1) };
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw benchmarksErrors.error('OPTION_INVALID', {
    what: `cannot generate Nexmark events with ${name} ${value}`,
    why: `it must be a whole number from ${least} to ${most}`,
  });
}

/** Columns that draw random numbers; each has its own. */
export const SALT = {
  hotSeller: 1,
  seller: 2,
  category: 3,
  initialBid: 4,
  life: 5,
  reserve: 6,
  bidAuction: 7,
  bidder: 8,
  price: 9,
  channel: 10,
  person: 11,
  email: 12,
  card: 13,
  name: 14,
  description: 15,
  padding: 16,
  url: 17,
  city: 18,
  state: 19,
} as const;

/**
 * 32 random bits of an event's column, as a signed integer: MurmurHash3's finaliser over a Weyl sequence. Signed, because
 * an unsigned one above 2³¹ is a number on the heap wherever the engine does not inline the call.
 */
export function randomBits(seed: number, event: number, salt: number): number {
  let bits = (Math.imul(event, 0x9e37_79b1) ^ Math.imul(seed + salt, 0xc2b2_ae3d)) + Math.imul(salt, 0x85eb_ca77);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}

/** A whole number from 0 to `limit` − 1 out of the upper 20 of 32 random bits, in integers alone; `limit` is at most 2048. */
export function below(limit: number, bits: number): number {
  return Math.imul(bits >>> 12, limit) >>> 20;
}

export function epochOf(event: number): number {
  return (event / EVENTS_PER_EPOCH) | 0;
}

export function timeMsOf(model: NexmarkModel, event: number): number {
  return model.baseTimeMs + Math.floor((event * 1000) / model.eventsPerSecond);
}

/** The latest person among the events up to this one, from 0. */
export function lastPerson(event: number): number {
  return epochOf(event);
}

/** The latest auction among the events up to this one, from 0; −1 before the first. */
export function lastAuction(event: number): number {
  const epoch = epochOf(event);
  const offset = event - epoch * EVENTS_PER_EPOCH;
  return epoch * AUCTIONS_PER_EPOCH + Math.min(offset - 1, AUCTIONS_PER_EPOCH - 1);
}

/** A person who is active, or comes soon. */
function somePerson(event: number, bits: number): number {
  const people = lastPerson(event) + 1;
  const active = Math.min(people, ACTIVE_PEOPLE);
  return people - active + below(active + ID_LEAD, bits);
}

/** 100 · 10^(6u), rounded: cents from 100 to 100,000,000. u has 20 bits; the power is the product of two looked-up ones. */
function price(bits: number): number {
  return ((COARSE[bits >>> 22] as number) * (FINE[(bits >>> 12) & 1023] as number) + 0.5) | 0;
}
const COARSE = Float64Array.from({ length: 1024 }, (_, step) => 100 * 10 ** ((6 * step) / 1024));
const FINE = Float64Array.from({ length: 1024 }, (_, step) => 10 ** ((6 * step) / 2 ** 20));

/** Three of four auctions are of the hot seller. */
export function auctionSeller({ seed }: NexmarkModel, event: number): number {
  if ((randomBits(seed, event, SALT.hotSeller) & 3) > 0) return FIRST_ID + hot(lastPerson(event));
  return FIRST_ID + somePerson(event, randomBits(seed, event, SALT.seller));
}

export function auctionCategory({ seed }: NexmarkModel, event: number): number {
  return FIRST_CATEGORY + below(CATEGORIES, randomBits(seed, event, SALT.category));
}

export function auctionInitialBid({ seed }: NexmarkModel, event: number): number {
  return price(randomBits(seed, event, SALT.initialBid));
}

export function auctionReserve(model: NexmarkModel, event: number): number {
  return auctionInitialBid(model, event) + price(randomBits(model.seed, event, SALT.reserve));
}

export function auctionExpiresMs(model: NexmarkModel, event: number): number {
  const bits = randomBits(model.seed, event, SALT.life);
  // In floating point: at a low rate, auctions live for days.
  return timeMsOf(model, event) + 1 + Math.floor(((bits >>> 0) / WORD) * model.auctionHorizonMs);
}

/** One of two bids is for the hot auction, the others for one in flight or soon to come. */
export function bidAuction({ seed }: NexmarkModel, event: number): number {
  const bits = randomBits(seed, event, SALT.bidAuction);
  const last = lastAuction(event);
  if ((bits & 1) > 0) return FIRST_ID + hot(last);
  const first = Math.max(last - AUCTIONS_IN_FLIGHT, 0);
  return FIRST_ID + first + below(last - first + 1 + ID_LEAD, bits);
}

/** Three of four bids are of the hot bidder, who is the person after the hot seller. */
export function bidBidder({ seed }: NexmarkModel, event: number): number {
  const bits = randomBits(seed, event, SALT.bidder);
  if ((bits & 3) > 0) return FIRST_ID + hot(lastPerson(event)) + 1;
  return FIRST_ID + somePerson(event, bits);
}

export function bidPrice({ seed }: NexmarkModel, event: number): number {
  return price(randomBits(seed, event, SALT.price));
}

/** Code of the bid's channel and url: 0 to 3 are the hot ones, together half of the bids. */
export function bidChannel({ seed }: NexmarkModel, event: number): number {
  const bits = randomBits(seed, event, SALT.channel);
  return (bits & 1) > 0 ? (bits >>> 1) & 3 : HOT_CHANNELS.length + ((bits >>> 3) % CHANNELS);
}

function hot(last: number): number {
  return ((last / HOT_RANGE) | 0) * HOT_RANGE;
}
