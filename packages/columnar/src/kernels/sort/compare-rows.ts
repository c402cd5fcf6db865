import { bitAt } from '../../batch/bits.js';
import type { Column } from '../../batch/column.js';
import { isValid } from '../../batch/make-column.js';
import { errors } from '../../errors.js';
import { describeType } from '../../schema/define-schema.js';
import { layoutOf } from '../../schema/layout.js';
import { compareSpans } from '../slots/bytes-slots.js';
import { compareNumbers, compareWords } from '../slots/fixed-slots.js';
import type { SortOrder } from './sort-order.js';

export type Compare = (a: number, b: number) => number;

/** Orders rows by the first column, then the second, and so on. */
export function compareBy(columns: readonly Column[], orders: readonly SortOrder[]): Compare {
  const compares = columns.map((column, i) => compareRows(column, orders[i] ?? {}));
  if (compares.length === 1) return compares[0] as Compare;
  return (a, b) => {
    for (let k = 0; k < compares.length; k++) {
      const order = (compares[k] as Compare)(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compareRows(column: Column, order: SortOrder): Compare {
  const values = compareValues(column);
  const direction = order.descending === true ? -1 : 1;
  if (column.nullCount === 0) return direction === 1 ? values : (a, b) => -values(a, b);
  const nullOrder = order.nullsFirst === true ? -1 : 1;
  return (a, b) => {
    const validA = isValid(column, a);
    if (validA !== isValid(column, b)) return validA ? -nullOrder : nullOrder;
    return validA ? direction * values(a, b) : 0;
  };
}

function compareValues(column: Column): Compare {
  const { values, type } = column;
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed': {
      const { width } = layout;
      if (width === 1) return (a, b) => compareNumbers(values[a] as number, values[b] as number);
      const words = values as Int32Array;
      return (a, b) => compareWords(words, a, words, b, width, type.kind === 'uint64');
    }
    case 'bits':
      return (a, b) =>
        bitAt(values as Uint8Array, column.bitOffset + a) - bitAt(values as Uint8Array, column.bitOffset + b);
    case 'bytes':
      return compareBytes(column);
    case 'codes': {
      const words = compareBytes(column.children[0] as Column);
      return (a, b) => (values[a] === values[b] ? 0 : words(values[a] as number, values[b] as number));
    }
    default:
      throw errors.error('KERNEL_ARGUMENT_INVALID', {
        what: `cannot sort by a column of type ${describeType(type)}`,
        why: 'lists and structs have no order',
      });
  }
}

function compareBytes(column: Column): Compare {
  const bytes = column.values as Uint8Array;
  const offsets = column.offsets as Int32Array;
  return (a, b) =>
    compareSpans(
      bytes,
      offsets[a] as number,
      offsets[a + 1] as number,
      bytes,
      offsets[b] as number,
      offsets[b + 1] as number,
    );
}
