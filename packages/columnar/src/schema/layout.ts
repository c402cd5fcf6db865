import type { ColumnValues } from '../batch/column.js';
import type { DataType, TimeUnit } from './data-type.js';

/**
 * How a type lies in memory.
 *
 * - `fixed`: `width` elements of `array` per row (64-bit integers are two Int32, decimals four)
 * - `bits`: one bit per row · `bytes`: offsets into bytes · `codes`: Int32 codes into a child
 * - `list`: offsets into a child · `struct`: one child per field
 */
export type Layout =
  | { readonly shape: 'fixed'; readonly width: 1 | 2 | 4; readonly array: FixedArray }
  | { readonly shape: 'bits' | 'bytes' | 'codes' | 'list' | 'struct' };

type FixedArray =
  | Int8ArrayConstructor
  | Int16ArrayConstructor
  | Int32ArrayConstructor
  | Uint8ArrayConstructor
  | Uint16ArrayConstructor
  | Uint32ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor;

const fixed = (width: 1 | 2 | 4, array: FixedArray): Layout => ({ shape: 'fixed', width, array });

const wide = fixed(2, Int32Array);
const day = fixed(1, Int32Array);
const plain: Partial<Record<DataType['kind'], Layout>> = {
  int8: fixed(1, Int8Array),
  int16: fixed(1, Int16Array),
  int32: day,
  int64: wide,
  uint8: fixed(1, Uint8Array),
  uint16: fixed(1, Uint16Array),
  uint32: fixed(1, Uint32Array),
  uint64: wide,
  float32: fixed(1, Float32Array),
  float64: fixed(1, Float64Array),
  bool: { shape: 'bits' },
  utf8: { shape: 'bytes' },
  binary: { shape: 'bytes' },
  dictionary: { shape: 'codes' },
  timestamp: wide,
  duration: wide,
  decimal128: fixed(4, Int32Array),
  list: { shape: 'list' },
  struct: { shape: 'struct' },
};

/** The memory layout of a type. */
export function layoutOf(type: DataType): Layout {
  if (type.kind === 'date') return type.unit === 'day' ? day : wide;
  if (type.kind === 'time') return type.unit === 's' || type.unit === 'ms' ? day : wide;
  return plain[type.kind] as Layout;
}

/** A zeroed buffer for rows of a fixed layout. */
export function allocateFixed(layout: Layout & { shape: 'fixed' }, rows: number): ColumnValues {
  return new layout.array(rows * layout.width);
}

/** How many units of a time type make one millisecond: 0.001 for seconds, 1 000 000 for nanoseconds. */
export function unitsPerMs(unit: TimeUnit): number {
  switch (unit) {
    case 's':
      return 0.001;
    case 'ms':
      return 1;
    case 'us':
      return 1000;
    case 'ns':
      return 1_000_000;
  }
}
