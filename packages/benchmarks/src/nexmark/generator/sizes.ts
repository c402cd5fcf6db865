/** How long the texts of an event are. Source: Beam's `StringsGenerator.nextString` and `nextExtra`, average sizes 200, 500 and 100 bytes. */
import { below, type NexmarkModel, randomBits, SALT } from './model.js';
import { cities, personNames, states } from './vocabulary.js';

const SHORTEST = 3;
export const CARD_LENGTH = 19;
/** `@` and `.com`. */
const EMAIL_FRAME = 5;

/** Length of a text of 3 to `longest` − 1 characters. */
function textLength(longest: number, bits: number): number {
  return SHORTEST + below(longest - SHORTEST, bits);
}

/** Brings an event of `size` bytes to about `wanted`, give or take a fifth of what is missing; nothing when it is large enough. */
function paddingLength(size: number, wanted: number, bits: number): number {
  const missing = wanted - size;
  if (missing <= 0) return 0;
  const spread = Math.round(missing * 0.2);
  return missing - spread + (spread === 0 ? 0 : below(2 * spread, bits));
}

/** 68 bytes are missing of 100, give or take 14. */
export function bidPaddingLength({ seed }: NexmarkModel, event: number): number {
  return 54 + below(28, randomBits(seed, event, SALT.padding));
}

export function auctionNameLength({ seed }: NexmarkModel, event: number): number {
  return textLength(20, randomBits(seed, event, SALT.name));
}

export function auctionDescriptionLength({ seed }: NexmarkModel, event: number): number {
  return textLength(100, randomBits(seed, event, SALT.description));
}

export function auctionPaddingLength(model: NexmarkModel, event: number): number {
  const size = 48 + auctionNameLength(model, event) + auctionDescriptionLength(model, event);
  return paddingLength(size, 500, randomBits(model.seed, event, SALT.padding));
}

/** Codes of a person's name, city and state. */
export function personName({ seed }: NexmarkModel, event: number): number {
  return below(personNames.words.length, randomBits(seed, event, SALT.person));
}

export function personCity({ seed }: NexmarkModel, event: number): number {
  return below(cities.words.length, randomBits(seed, event, SALT.city));
}

export function personState({ seed }: NexmarkModel, event: number): number {
  return below(states.words.length, randomBits(seed, event, SALT.state));
}

/** Letters before the `@` of an e-mail address. */
export function userLength({ seed }: NexmarkModel, event: number): number {
  return SHORTEST + (randomBits(seed, event, SALT.email) & 3);
}

export function emailLength(model: NexmarkModel, event: number): number {
  const host = SHORTEST + ((randomBits(model.seed, event, SALT.email) >>> 2) & 1);
  return userLength(model, event) + host + EMAIL_FRAME;
}

export function personPaddingLength(model: NexmarkModel, event: number): number {
  const name = personNames.words[personName(model, event)] as string;
  const city = cities.words[personCity(model, event)] as string;
  const size = 8 + name.length + emailLength(model, event) + CARD_LENGTH + city.length + 2;
  return paddingLength(size, 200, randomBits(model.seed, event, SALT.padding));
}
