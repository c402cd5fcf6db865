import type { Column } from '../../batch/column.js';
import type { DataType } from '../../schema/data-type.js';
import type { ValueSlots } from '../slots/value-slots.js';

/** Slots as a result column; where the type has no nulls, a group that saw no row shows the type's zero. */
export function finishedSlots(slots: ValueSlots, type: DataType, groups: Int32Array | null, count: number): Column {
  const column = slots.toColumn(groups, count);
  return type.nullable ? { ...column, type } : { ...column, type, nullCount: 0, validity: null };
}
