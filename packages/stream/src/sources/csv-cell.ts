import { type DataType, describeType } from '@sabot/columnar';
import { streamErrors } from '../errors.js';

/** Turns the text of a cell into the surface value of a column, or `undefined` where the text is no such value. */
export type CellReader = (text: string) => unknown;

const whole = /^[+-]?\d+$/;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const zoned = /(z|[+-]\d\d:?\d\d)$/i;

const integerRanges: Readonly<Partial<Record<DataType['kind'], readonly [number, number]>>> = {
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-2_147_483_648, 2_147_483_647],
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 4_294_967_295],
};

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

/**
 * The reader for cells of a type. Times without a zone are UTC.
 *
 * Errors: `SCHEMA_MISMATCH` for a type that text cells cannot carry (bytes, lists, structs, times of day, durations).
 */
export function cellReader(column: string, type: DataType): CellReader {
  const range = integerRanges[type.kind];
  if (range !== undefined) return (text) => readInteger(text, range[0], range[1]);
  switch (type.kind) {
    case 'utf8':
    case 'dictionary':
      return (text) => text;
    case 'int64':
      return (text) => readWide(text, -(2n ** 63n), 2n ** 63n - 1n);
    case 'uint64':
      return (text) => readWide(text, 0n, 2n ** 64n - 1n);
    case 'float32':
    case 'float64':
      return readFloat;
    case 'bool':
      return (text) => booleans.get(text.toLowerCase());
    case 'timestamp':
    case 'date':
      return readInstant;
    case 'decimal128':
      return (text) => (decimal.test(text) ? text : undefined);
    default:
      throw streamErrors.error('SCHEMA_MISMATCH', {
        what: `cannot read column "${column}" of type ${describeType(type)} from CSV`,
        why: 'text cells have no agreed form for this type',
        remedy: 'Read the column as utf8 and convert it downstream.',
      });
  }
}

function readInteger(text: string, least: number, most: number): number | undefined {
  if (!whole.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

// Cells become values one at a time at this edge; the builders take 64-bit integers as bigint.
function readWide(text: string, least: bigint, most: bigint): bigint | undefined {
  if (!whole.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= least && value <= most ? value : undefined;
}

function readFloat(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isNaN(value) && text.toLowerCase() !== 'nan' ? undefined : value;
}

/** ISO 8601; a day alone is its midnight. */
function readInstant(text: string): number | undefined {
  const isDay = text.length <= 10;
  const value = Date.parse(isDay || zoned.test(text) ? text : `${text}Z`);
  return Number.isNaN(value) ? undefined : value;
}
