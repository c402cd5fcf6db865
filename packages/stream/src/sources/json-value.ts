import { type DataType, describeType } from '@sabot/columnar';

/** Turns a parsed JSON value into the surface value of a column, or `undefined` where it is none. */
export type JsonReader = (value: unknown) => unknown;

const digits = /^[+-]?\d+$/;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const zoned = /(z|[+-]\d\d:?\d\d)$/i;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Range = readonly [least: number, most: number];

const ranges = {
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-2_147_483_648, 2_147_483_647],
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 4_294_967_295],
} as const satisfies Partial<Record<DataType['kind'], Range>>;

/** The reader for JSON values of a type; null and a missing value are null where the type has nulls. */
export function jsonReader(type: DataType): JsonReader {
  const read = plainReader(type);
  return (value) => {
    if (value !== null && value !== undefined) return read(value);
    return type.nullable ? null : undefined;
  };
}

function plainReader(type: DataType): JsonReader {
  switch (type.kind) {
    case 'int64':
      return (value) => wide(value, -(2n ** 63n), 2n ** 63n - 1n);
    case 'uint64':
      return (value) => wide(value, 0n, 2n ** 64n - 1n);
    case 'float32':
    case 'float64':
    case 'time':
    case 'duration':
      return (value) => (typeof value === 'number' ? value : undefined);
    case 'bool':
      return (value) => (typeof value === 'boolean' ? value : undefined);
    case 'utf8':
    case 'dictionary':
      return (value) => (typeof value === 'string' ? value : undefined);
    case 'timestamp':
    case 'date':
      return instant;
    case 'decimal128':
      return (value) => (decimal.test(String(value)) ? String(value) : undefined);
    case 'binary':
      return (value) => (typeof value === 'string' && base64.test(value) ? Buffer.from(value, 'base64') : undefined);
    case 'list':
      return listReader(jsonReader(type.item));
    case 'struct':
      return structReader(type.fields);
    default:
      return integerReader(ranges[type.kind]);
  }
}

function integerReader([least, most]: Range): JsonReader {
  return (value) => (Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? value : undefined);
}

// Values become bigint one at a time at this edge; digits come as text where a number would have lost some.
function wide(value: unknown, least: bigint, most: bigint): bigint | undefined {
  if (!Number.isSafeInteger(value) && !(typeof value === 'string' && digits.test(value))) return undefined;
  const whole = BigInt(value as number | string);
  return whole >= least && whole <= most ? whole : undefined;
}

/** ISO 8601 without a zone is UTC, and a day alone its midnight; a number is epoch milliseconds. */
function instant(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const time = Date.parse(value.length <= 10 || zoned.test(value) ? value : `${value}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function listReader(item: JsonReader): JsonReader {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items = value.map(item);
    return items.includes(undefined) ? undefined : items;
  };
}

function structReader(fields: Readonly<Record<string, DataType>>): JsonReader {
  const readers = Object.entries(fields).map(([name, type]) => [name, jsonReader(type)] as const);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const record = value as Readonly<Record<string, unknown>>;
    const entries = readers.map(([name, read]) => [name, read(record[name])] as const);
    return entries.some(([, part]) => part === undefined) ? undefined : Object.fromEntries(entries);
  };
}

/** Whether JavaScript's numbers may be too small for values of the type, here or inside. */
export function isWide(type: DataType): boolean {
  if (type.kind === 'list') return isWide(type.item);
  if (type.kind === 'struct') return Object.values(type.fields).some(isWide);
  return type.kind === 'int64' || type.kind === 'uint64' || type.kind === 'decimal128';
}

const LONG = /\d{16}/;
const STRINGS_AND_LONG_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?/g;

/** The text of a JSON value with numbers too long for JavaScript as strings. */
export function withLongNumbersAsText(text: string): string {
  if (!LONG.test(text)) return text;
  return text.replace(STRINGS_AND_LONG_NUMBERS, (part) =>
    part.startsWith('"') || /[eE]/.test(part) ? part : `"${part}"`,
  );
}

/** How a message shows a value that is none of the type. */
export function showValue(value: unknown, type: DataType): string {
  if (value === undefined) return `it is missing, and ${describeType(type)} has no nulls`;
  return `${JSON.stringify(value)?.slice(0, 80)} is no ${describeType(type)}`;
}
