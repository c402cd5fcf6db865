import type { Column } from '../../batch/column.js';
import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { describeType } from '../../schema/define-schema.js';
import { layoutOf } from '../../schema/layout.js';
import { BytesSlots } from './bytes-slots.js';
import { FixedSlots } from './fixed-slots.js';

/**
 * One value or null per numbered slot, of one type, in typed arrays: the best value per group. Slots are null until set.
 */
export interface ValueSlots {
  /** Bytes of memory held. */
  readonly bytes: number;
  /** Makes slots 0 … count − 1 exist. */
  reserve(count: number): void;
  /** Copies a row's value or null into a slot. */
  set(slot: number, column: Column, row: number): void;
  /** Negative, 0 or positive as the slot's value is less than, equal to or greater than the row's; neither is null. */
  compare(slot: number, column: Column, row: number): number;
  /**
   * For i < count: puts the value of row `rows[i]` (or i) into slot `slots[i]` when that is null or, with direction 1,
   * greater, with −1, less. Null rows are passed over.
   */
  improve(slots: Int32Array, column: Column, rows: Int32Array | null, count: number, direction: 1 | -1): void;
  isNull(slot: number): boolean;
  /** The values of the given slots, or of slots 0 … count − 1. */
  toColumn(slots: Int32Array | null, count: number): Column;
  /** Keeps only the given slots: the i-th becomes slot i. */
  retain(slots: Int32Array): void;
}

/** Empty slots for a type; lists and structs cannot be held. */
export function createValueSlots(type: DataType, purpose: string): ValueSlots {
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed':
      return new FixedSlots(type, layout.width, layout.array);
    case 'bits':
      return new FixedSlots(type, 1, Uint8Array);
    case 'bytes':
    case 'codes':
      return new BytesSlots(type);
    default:
      throw errors.error('KERNEL_ARGUMENT_INVALID', {
        what: `cannot use a column of type ${describeType(type)} as ${purpose}`,
        why: 'lists and structs have no order and no slot form',
        remedy: 'Use one of its fields, or a hash of it.',
      });
  }
}
