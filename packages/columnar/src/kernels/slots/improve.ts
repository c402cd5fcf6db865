import type { Column } from '../../batch/column.js';
import { isValid } from '../../batch/make-column.js';

interface ComparableSlots {
  isNull(slot: number): boolean;
  compare(slot: number, column: Column, row: number): number;
  set(slot: number, column: Column, row: number): void;
}

/** `ValueSlots.improve` for any type, one row at a time. */
export function improveEach(
  target: ComparableSlots,
  slots: Int32Array,
  column: Column,
  rows: Int32Array | null,
  count: number,
  direction: 1 | -1,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : (rows[i] as number);
    if (!isValid(column, row)) continue;
    const slot = slots[i] as number;
    if (target.isNull(slot) || target.compare(slot, column, row) * direction > 0) target.set(slot, column, row);
  }
}
