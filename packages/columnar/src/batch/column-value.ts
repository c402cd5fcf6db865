import type { DataType, Struct, TimeUnit, ValueOf } from '../schema/data-type.js';
import { unitsPerMs } from '../schema/layout.js';
import { bitAt } from './bits.js';
import type { Column } from './column.js';
import { formatDecimal } from './decimal-text.js';
import { isValid } from './make-column.js';
import { wideToBigInt, wideToNumber } from './wide.js';

const decoder = new TextDecoder();

const MS_PER_DAY = 86_400_000;

/** The surface value of one row: `bigint` for 64-bit integers, text for decimals, milliseconds for times, or `null`. */
export function columnValue<T extends DataType>(column: Column<T>, row: number): ValueOf<T> {
  // The type parameter and the layout agree by construction of the column.
  return (isValid(column, row) ? validValue(column, row) : null) as ValueOf<T>;
}

function validValue(column: Column, row: number): unknown {
  const { type } = column;
  switch (type.kind) {
    case 'int64':
      return wideToBigInt(column.values[2 * row] as number, column.values[2 * row + 1] as number);
    case 'uint64':
      return BigInt.asUintN(64, wideToBigInt(column.values[2 * row] as number, column.values[2 * row + 1] as number));
    case 'bool':
      return bitAt(column.values as Uint8Array, column.bitOffset + row) === 1;
    case 'utf8':
      return textValue(column, row);
    case 'binary':
      return bytesValue(column, row).slice();
    case 'dictionary':
      return textValue(column.children[0] as Column, column.values[row] as number);
    case 'timestamp':
    case 'duration':
    case 'date':
    case 'time':
      return msValue(column, row);
    case 'decimal128':
      return formatDecimal(column.values as Int32Array, 4 * row, type.scale);
    case 'list':
      return listValue(column, row);
    case 'struct':
      return structValue(column, type, row);
    default:
      return column.values[row] as number;
  }
}

/** The bytes of one row of a utf8 or binary column, without copying. */
export function bytesValue(column: Column, row: number): Uint8Array {
  const offsets = column.offsets as Int32Array;
  return (column.values as Uint8Array).subarray(offsets[row] as number, offsets[row + 1] as number);
}

/** The string of one row of a utf8 column. */
export function textValue(column: Column, row: number): string {
  const offsets = column.offsets as Int32Array;
  return decodeText(column.values as Uint8Array, offsets[row] as number, offsets[row + 1] as number);
}

/** UTF-8 to string; short ASCII, the usual case, does not go through the decoder. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 24) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 127) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

function msValue(column: Column, row: number): number {
  const type = column.type as { kind: string; unit: TimeUnit | 'day' };
  if (type.unit === 'day') return (column.values[row] as number) * MS_PER_DAY;
  const narrow = type.kind === 'time' && (type.unit === 's' || type.unit === 'ms');
  const raw = narrow
    ? (column.values[row] as number)
    : wideToNumber(column.values[2 * row] as number, column.values[2 * row + 1] as number);
  return raw / unitsPerMs(type.unit);
}

function listValue(column: Column, row: number): unknown[] {
  const offsets = column.offsets as Int32Array;
  const items: unknown[] = [];
  for (let i = offsets[row] as number; i < (offsets[row + 1] as number); i++) {
    items.push(columnValue(column.children[0] as Column, i));
  }
  return items;
}

function structValue(column: Column, type: Struct, row: number): Record<string, unknown> {
  const names = Object.keys(type.fields);
  return Object.fromEntries(names.map((name, i) => [name, columnValue(column.children[i] as Column, row)]));
}
