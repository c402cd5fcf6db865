import { type Column, defineSchema, dictionary, int64, makeColumn, timestamp, utf8 } from '@sabot/columnar';
import { FIRST_ID, lastPerson, type NexmarkModel, randomBits, SALT } from './model.js';
import { LETTERS, type TextColumn, textColumn } from './padding.js';
import {
  CARD_LENGTH,
  emailLength,
  personCity,
  personName,
  personPaddingLength,
  personState,
  userLength,
} from './sizes.js';
import { timeColumn } from './time-column.js';
import { cities, personNames, states, type Vocabulary } from './vocabulary.js';

/** Somebody who registers at `dateTime`. */
export const personSchema = defineSchema({
  id: int64(),
  name: dictionary(),
  emailAddress: utf8(),
  creditCard: utf8(),
  city: dictionary(),
  state: dictionary(),
  dateTime: timestamp('ms'),
  extra: utf8(),
});

export const personExtra: TextColumn = {
  salt: SALT.padding,
  pool: LETTERS,
  firstOffset: 0,
  length: personPaddingLength,
};

type Maker = (model: NexmarkModel, events: Int32Array) => Column;

/** How each column of persons is made. */
export const personColumns: Readonly<Record<keyof typeof personSchema.fields, Maker>> = {
  id(_model, events) {
    const values = new Int32Array(2 * events.length);
    for (let i = 0; i < events.length; i++) values[2 * i] = FIRST_ID + lastPerson(events[i] as number);
    return makeColumn(int64(), events.length, { values });
  },
  name: (model, events) => words(model, events, personNames, personName),
  emailAddress: (model, events) => written(model, events, emailLength, writeEmail),
  creditCard: (model, events) => written(model, events, () => CARD_LENGTH, writeCard),
  city: (model, events) => words(model, events, cities, personCity),
  state: (model, events) => words(model, events, states, personState),
  dateTime: timeColumn,
  extra: (model, events) =>
    textColumn(
      model,
      events,
      events.map((event) => personPaddingLength(model, event)),
      personExtra,
    ),
};

function words(
  model: NexmarkModel,
  events: Int32Array,
  vocabulary: Vocabulary,
  codeOf: (model: NexmarkModel, event: number) => number,
): Column {
  const values = events.map((event) => codeOf(model, event));
  return makeColumn(dictionary(), events.length, { values, children: [vocabulary.column] });
}

/** Texts that are written letter by letter: two of a hundred events are persons. */
function written(
  model: NexmarkModel,
  events: Int32Array,
  lengthOf: (model: NexmarkModel, event: number) => number,
  write: (model: NexmarkModel, event: number, bytes: Uint8Array, at: number) => void,
): Column {
  const offsets = new Int32Array(events.length + 1);
  for (let i = 0; i < events.length; i++) {
    offsets[i + 1] = (offsets[i] as number) + lengthOf(model, events[i] as number);
  }
  const values = new Uint8Array(offsets[events.length] as number);
  for (let i = 0; i < events.length; i++) write(model, events[i] as number, values, offsets[i] as number);
  return makeColumn(utf8(), events.length, { values, offsets });
}

/** `user@host.com`, of random letters. */
export function writeEmail(model: NexmarkModel, event: number, bytes: Uint8Array, at: number): void {
  const length = emailLength(model, event);
  const user = userLength(model, event);
  for (let i = 0; i < length; i++)
    bytes[at + i] = 97 + ((randomBits(model.seed + i + 1, event, SALT.email) >>> 0) % 26);
  bytes[at + user] = AT;
  bytes.set(DOT_COM, at + length - DOT_COM.length);
}

/** Four groups of four digits. */
export function writeCard(model: NexmarkModel, event: number, bytes: Uint8Array, at: number): void {
  for (let group = 0; group < 4; group++) {
    const digits = (randomBits(model.seed + group, event, SALT.card) >>> 0) % 10_000;
    for (let digit = 3, rest = digits; digit >= 0; digit--, rest = Math.floor(rest / 10)) {
      bytes[at + 5 * group + digit] = 48 + (rest % 10);
    }
    if (group < 3) bytes[at + 5 * group + 4] = SPACE;
  }
}

const AT = 64;
const SPACE = 32;
const DOT_COM = new TextEncoder().encode('.com');
