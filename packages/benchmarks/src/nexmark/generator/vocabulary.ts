/** The words that Nexmark's events are made of. Source: Beam's `PersonGenerator`; channels and urls as in nexmark/nexmark. */
import { type Column, makeColumn, utf8 } from '@sabot/columnar';
import { below, CHANNELS, HOT_CHANNELS, randomBits, SALT } from './model.js';

const FIRST_NAMES = 'Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter'.split(',');
const LAST_NAMES = 'Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris'.split(',');
const CITIES = 'Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne'.split(',');
const STATES = 'AZ,CA,ID,OR,WA,WY'.split(',');

/** Strings of few values: what dictionary columns point into. */
export interface Vocabulary {
  readonly words: readonly string[];
  readonly column: Column;
}

function vocabulary(words: readonly string[]): Vocabulary {
  const parts = words.map((word) => new TextEncoder().encode(word));
  const offsets = new Int32Array(words.length + 1);
  for (let i = 0; i < parts.length; i++) offsets[i + 1] = (offsets[i] as number) + (parts[i] as Uint8Array).length;
  const values = new Uint8Array(offsets[words.length] as number);
  for (let i = 0; i < parts.length; i++) values.set(parts[i] as Uint8Array, offsets[i]);
  return { words, column: makeColumn(utf8(), words.length, { values, offsets }) };
}

export const personNames = vocabulary(FIRST_NAMES.flatMap((first) => LAST_NAMES.map((last) => `${first} ${last}`)));
export const cities = vocabulary(CITIES);
export const states = vocabulary(STATES);

const numbers = Array.from({ length: CHANNELS }, (_, channel) => channel);
export const channels = vocabulary([...HOT_CHANNELS, ...numbers.map((channel) => `channel-${channel}`)]);
/** One url per channel; nine of ten say the channel's id. The same for every seed, as the channels are. */
export const urls = vocabulary([...HOT_CHANNELS.map((_, hot) => baseUrl(hot)), ...numbers.map(urlOf)]);

function urlOf(channel: number): string {
  const code = HOT_CHANNELS.length + channel;
  const named = (randomBits(0, code, SALT.channel) >>> 0) % 10 > 0;
  return named ? `${baseUrl(code)}&channel_id=${randomBits(0, code, SALT.url) >>> 1}` : baseUrl(code);
}

function baseUrl(code: number): string {
  const folder = (place: number): string => {
    const length = 3 + below(2, randomBits(place, code, SALT.name));
    const letters = Array.from({ length }, (_, i) => (randomBits(place + i, code, SALT.description) >>> 0) % 26);
    return String.fromCharCode(...letters.map((letter) => 97 + letter));
  };
  return `https://www.nexmark.com/${folder(1)}/${folder(11)}/${folder(21)}/item.htm?query=1`;
}
