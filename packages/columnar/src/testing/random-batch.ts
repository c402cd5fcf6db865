import type { Batch } from '../batch/batch.js';
import { createBatchBuilder } from '../batch/batch-builder.js';
import { sliceBatch } from '../batch/batch-factory.js';
import { integerRange } from '../batch/surface-write.js';
import type { DataType } from '../schema/data-type.js';
import { fieldType } from '../schema/define-schema.js';
import type { Fields, RowOf, Schema } from '../schema/schema.js';

/** Numbers from 0 (included) to 1 (excluded). */
export type RandomSource = () => number;

/** A reproducible source: the same seed gives the same numbers (Mulberry32). */
export function seededRandom(seed: number): RandomSource {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface RandomBatchOptions {
  /** Share of nulls in nullable columns. Default 0.2. */
  readonly nulls?: number;
  /** Draw values from a small set, so that keys repeat. Default false. */
  readonly fewValues?: boolean;
  /** Cut the batch out of a longer one at an odd position, so that offsets and bit offsets are not 0. Default true. */
  readonly sliced?: boolean;
}

/** A batch of random rows, edge values included: extremes, zeros, NaN, infinities, empty and non-ASCII strings. */
export function randomBatch<F extends Fields>(
  schema: Schema<F>,
  numRows: number,
  random: RandomSource,
  options: RandomBatchOptions = {},
): Batch<F> {
  const margin = options.sliced === false ? 0 : Math.floor(random() * 11);
  const builder = createBatchBuilder(schema, numRows);
  for (let row = 0; row < numRows + 2 * margin; row++) {
    const entries = schema.names.map((name) => [name, randomValue(fieldType(schema, name), random, options)]);
    // One value of the right type per field.
    builder.append(Object.fromEntries(entries) as RowOf<F>);
  }
  return sliceBatch(builder.finish(), margin, margin + numRows);
}

const WORDS = ['', 'a', 'b', 'ab', 'LAS', 'ATL', 'naïve', '日本語', '🙂', ' pad ', '%_\\', "it's", 'x'.repeat(40)];

function randomValue(type: DataType, random: RandomSource, options: RandomBatchOptions): unknown {
  if (type.nullable && random() < (options.nulls ?? 0.2)) return null;
  const few = options.fewValues === true;
  const range = integerRange(type.kind);
  if (range !== null) return randomInteger(range, random, few);
  switch (type.kind) {
    case 'int64':
      return few ? BigInt(Math.floor(random() * 5)) : randomBigInt(random, true);
    case 'uint64':
      return few ? BigInt(Math.floor(random() * 5)) : BigInt.asUintN(64, randomBigInt(random, false));
    case 'float32':
    case 'float64':
      return Math.fround(few ? Math.floor(random() * 5) : randomFloat(random));
    case 'bool':
      return random() < 0.5;
    case 'utf8':
    case 'dictionary':
      return pick(few ? WORDS.slice(0, 5) : WORDS, random);
    case 'binary':
      return new TextEncoder().encode(pick(WORDS, random));
    case 'decimal128':
      return randomDecimal(type.precision, type.scale, random);
    case 'list':
      return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(type.item, random, options));
    case 'struct':
      return Object.fromEntries(
        Object.entries(type.fields).map(([name, field]) => [name, randomValue(field, random, options)]),
      );
    default:
      return randomTime(type, random, few);
  }
}

function pick<T>(values: readonly T[], random: RandomSource): T {
  return values[Math.floor(random() * values.length)] as T;
}

function randomInteger([low, high]: readonly [number, number], random: RandomSource, few: boolean): number {
  if (few) return Math.floor(random() * 5);
  const edge = random();
  if (edge < 0.05) return low;
  if (edge < 0.1) return high;
  if (edge < 0.6) return Math.max(low, Math.floor(random() * 21) - 10);
  return low + Math.floor(random() * (high - low + 1));
}

function randomBigInt(random: RandomSource, signed: boolean): bigint {
  const edge = random();
  if (signed && edge < 0.03) return -(2n ** 63n);
  if (edge < 0.06) return 2n ** 63n - 1n;
  if (edge < 0.5) return BigInt(Math.floor(random() * 41) - (signed ? 20 : 0));
  const bits = BigInt(Math.floor(random() * 64));
  const high = BigInt(Math.floor(random() * 4294967296));
  const low = BigInt(Math.floor(random() * 4294967296));
  return BigInt.asIntN(64, (high << 32n) | low) >> bits;
}

function randomFloat(random: RandomSource): number {
  const edge = random();
  if (edge < 0.04) return Number.NaN;
  if (edge < 0.06) return Number.POSITIVE_INFINITY;
  if (edge < 0.08) return Number.NEGATIVE_INFINITY;
  if (edge < 0.14) return edge < 0.11 ? 0 : -0;
  if (edge < 0.5) return Math.floor(random() * 21) / 2 - 5;
  return (random() - 0.5) * 10 ** Math.floor(random() * 12);
}

function randomDecimal(precision: number, scale: number, random: RandomSource): string {
  const digits = Array.from({ length: 1 + Math.floor(random() * precision) }, () => Math.floor(random() * 10)).join('');
  const padded = digits.padStart(scale + 1, '0');
  const text = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  const trimmed = text.replace(/^0+(?=\d)/, '');
  return random() < 0.5 && /[1-9]/.test(trimmed) ? `-${trimmed}` : trimmed;
}

const MS_PER_DAY = 86_400_000;

function randomTime(type: DataType, random: RandomSource, few: boolean): number {
  const spread = few ? 5 : 40_000;
  const days = Math.floor((random() - 0.4) * spread);
  if (type.kind === 'date') return days * MS_PER_DAY;
  const seconds = Math.floor(random() * 86_400);
  if (type.kind === 'time') return seconds * 1000;
  return days * MS_PER_DAY + seconds * 1000 + ('unit' in type && type.unit !== 's' ? Math.floor(random() * 1000) : 0);
}
