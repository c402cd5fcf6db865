import type { DataType } from '../schema/data-type.js';
import { layoutOf } from '../schema/layout.js';
import { countOnes } from './bits.js';
import type { Column, ColumnValues } from './column.js';

const NO_CHILDREN: readonly Column[] = [];
const NO_BYTES = new Uint8Array(0);

interface ColumnParts {
  readonly values?: ColumnValues;
  readonly offsets?: Int32Array | null;
  readonly validity?: Uint8Array | null;
  readonly bitOffset?: number;
  readonly children?: readonly Column[];
}

/** A column over buffers; counts the nulls, and drops a validity that marks none. */
export function makeColumn<T extends DataType>(type: T, length: number, parts: ColumnParts): Column<T> {
  const bitOffset = parts.bitOffset ?? 0;
  const validity = parts.validity ?? null;
  const nullCount = validity === null ? 0 : length - countOnes(validity, bitOffset, length);
  return {
    type,
    length,
    nullCount,
    values: parts.values ?? NO_BYTES,
    offsets: parts.offsets ?? null,
    validity: nullCount === 0 ? null : validity,
    bitOffset,
    children: parts.children ?? NO_CHILDREN,
  };
}

/** The same buffers under another type of equal layout. */
export function retypeColumn<T extends DataType>(column: Column, type: T): Column<T> {
  return column.type === (type as DataType) ? (column as Column<T>) : { ...column, type };
}

/** Rows `start` to `end` (exclusive) of a column without copying. */
export function sliceColumn<T extends DataType>(column: Column<T>, start: number, end: number): Column<T> {
  if (start === 0 && end === column.length) return column;
  const layout = layoutOf(column.type);
  const length = end - start;
  const bit = column.bitOffset + start;
  const validity = column.validity?.subarray(bit >> 3) ?? null;
  const parts = { validity, bitOffset: bit & 7 };
  switch (layout.shape) {
    case 'fixed': {
      const values = column.values.subarray(start * layout.width, end * layout.width);
      return makeColumn(column.type, length, { ...parts, values });
    }
    case 'codes':
      return makeColumn(column.type, length, {
        ...parts,
        values: column.values.subarray(start, end),
        children: column.children,
      });
    case 'bits':
      return makeColumn(column.type, length, { ...parts, values: column.values.subarray(bit >> 3) });
    case 'struct': {
      const children = column.children.map((child) => sliceColumn(child, start, end));
      return makeColumn(column.type, length, { ...parts, children });
    }
    case 'bytes':
    case 'list': {
      const offsets = (column.offsets as Int32Array).subarray(start, end + 1);
      return makeColumn(column.type, length, { ...parts, values: column.values, offsets, children: column.children });
    }
  }
}

/** Whether the row holds a value. */
export function isValid(column: Column, row: number): boolean {
  if (column.validity === null) return true;
  const position = column.bitOffset + row;
  return (((column.validity[position >> 3] as number) >> (position & 7)) & 1) === 1;
}

/** Bytes of the rows in view: shared parents and unused room are not counted. */
export function columnBytes(column: Column): number {
  const layout = layoutOf(column.type);
  const validity = column.validity === null ? 0 : (column.length + 7) >> 3;
  switch (layout.shape) {
    case 'fixed':
      return validity + column.length * layout.width * layout.array.BYTES_PER_ELEMENT;
    case 'bits':
      return validity + ((column.length + 7) >> 3);
    case 'codes':
      return validity + column.length * 4 + columnBytes(column.children[0] as Column);
    case 'struct':
      return column.children.reduce((sum, child) => sum + columnBytes(child), validity);
    case 'bytes':
    case 'list': {
      const offsets = column.offsets as Int32Array;
      const first = offsets[0] as number;
      const items = (offsets[column.length] as number) - first;
      const child = column.children[0];
      const content = child === undefined ? items : columnBytes(sliceColumn(child, first, first + items));
      return validity + (column.length + 1) * 4 + content;
    }
  }
}
