import { decodeText } from '../../batch/column-value.js';
import { hashNumber, hashPair, hashSpan, mixWord } from '../../kernels/hash.js';
import { compareSpans } from '../../kernels/slots/bytes-slots.js';
import * as text from '../runtime/text.js';
import * as numbers from '../runtime/text-numbers.js';
import * as pieces from '../runtime/text-pieces.js';
import type { TextSet } from '../runtime/text-set.js';
import * as time from '../runtime/time-text.js';
import * as wide from '../runtime/wide-math.js';
import { called, inline } from './operation.js';

/** Strings as (bytes, start, end), and hashes. */
export const textOperations = {
  resetText: called(text.resetText),
  textEq: called(text.equalText),
  textCompare: called(compareSpans),
  textLength: called(text.textLength),
  upper: called(text.upperText, 'text'),
  lower: called(text.lowerText, 'text'),
  trim: called(text.trimText, 'text'),
  substring: called(text.substringText, 'text'),
  contains: called(text.containsText),
  startsWith: called(text.startsText),
  endsWith: called(text.endsText),
  concat: called(text.concatText, 'text'),
  replace: called(text.replaceText, 'text'),
  pieceAt: called(pieces.pieceAt, 'text'),
  pieceCount: called(pieces.pieceCount),
  parseTimestamp: called(time.parseTimestamp, 'pair'),
  parseDate: called(time.parseDate),
  parseTimeOfDay: called(time.parseTimeOfDay),
  timestampText: called(time.timestampText, 'text'),
  dateText: called(time.dateText, 'text'),
  timeOfDayText: called(time.timeOfDayText, 'text'),
  splitPart: called(text.splitPartText, 'text'),
  like: called(text.likeText),
  matches: called(text.matchesText),
  capture: called(text.captureText, 'text'),
  numberText: called(numbers.numberText, 'text'),
  boolText: called(numbers.boolText, 'text'),
  wideText: called(numbers.wideText, 'text'),
  parseNumber: called(numbers.parseNumber),
  parseWide: called(numbers.parseWide, 'pair'),
  parseBool: called(numbers.parseBool),
  /** The second and third extra results of the call before. */
  out0: inline(
    () => 'OUT[0]',
    () => wide.OUT[0] as number,
  ),
  out1: inline(
    () => 'OUT[1]',
    () => wide.OUT[1] as number,
  ),
  out2: inline(
    () => 'OUT[2]',
    () => wide.OUT[2] as number,
  ),
  hashText: called(hashSpan),
  hashPair: called(hashPair),
  hashWord: called(mixWord),
  hashBool: called((value: number | boolean): number => mixWord(Number(value) + 1)),
  hashFloat: called(hashNumber),
  decodeText: called(decodeText, 'object'),
  isMissing: inline(
    (a) => `${a} == null`,
    (a) => a == null,
  ),
  numberOf: inline(
    (a) => `Number(${a})`,
    (a) => Number(a),
  ),
  textOf: called(numbers.textOf, 'text'),
  inTexts: called((set: TextSet, bytes: Uint8Array, start: number, end: number): boolean => set.has(bytes, start, end)),
};
