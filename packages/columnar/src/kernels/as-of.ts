import type { Column } from '../batch/column.js';
import { makeColumn } from '../batch/make-column.js';
import { wideToNumber } from '../batch/wide.js';
import { errors } from '../errors.js';
import { describeType, sameTypeIgnoringNulls } from '../schema/define-schema.js';
import { layoutOf } from '../schema/layout.js';
import { int32 } from '../schema/types.js';
import type { GroupTable } from './group-table.js';
import { rowsWithoutNulls } from './hash-index.js';
import { createGroupTable } from './keys/create-group-table.js';
import { compareWords } from './slots/fixed-slots.js';
import { sortRows } from './sort.js';
import { takeColumn } from './take.js';

export interface AsOfOptions {
  /** The last row at or before the time (default), the first at or after it, or the nearer of both (ties: before). */
  readonly direction?: 'backward' | 'forward' | 'nearest';
  /** Rows farther away, in units of the time column, do not match. Default: no limit. */
  readonly tolerance?: number;
}

/** Finds the row that was valid at a time, per key. */
export interface AsOfIndex {
  readonly bytes: number;
  /** The built row for each probing row, −1 where there is none; a null key or time matches nothing. */
  probe(keys: readonly Column[], time: Column, numRows: number, options?: AsOfOptions): Int32Array;
}

/** An index over rows in any order; of rows with equal key and time the last one counts. Times have 64 bits. */
export function createAsOfIndex(keys: readonly Column[], time: Column): AsOfIndex {
  const layout = layoutOf(time.type);
  if (layout.shape !== 'fixed' || layout.width !== 2) {
    throw errors.error('KERNEL_ARGUMENT_INVALID', {
      what: `cannot search by a time of type ${describeType(time.type)}`,
      why: 'times are timestamps, durations or integers of 64 bits',
    });
  }
  return new SortedIndex(keys, time);
}

/** Rows sorted by (key, time); a probe is one hash lookup and one binary search. */
class SortedIndex implements AsOfIndex {
  private readonly table: GroupTable;
  private readonly time: Column;
  private readonly rows: Int32Array;
  private readonly starts: Int32Array;

  constructor(keys: readonly Column[], time: Column) {
    const selection =
      rowsWithoutNulls([...keys, time], time.length) ?? Int32Array.from({ length: time.length }, (_, i) => i);
    this.table = createGroupTable(keys.map((key) => key.type));
    const groups = this.table.assign(keys, time.length, selection).slice();
    const owners = makeColumn(int32(), groups.length, { values: groups });
    const times = takeColumn(time, selection);
    const order = sortRows([owners, times], [], groups.length);
    this.time = takeColumn(times, order);
    this.rows = order.map((at) => selection[at] as number);
    this.starts = new Int32Array(this.table.size + 1);
    for (const group of groups) this.starts[group + 1] = (this.starts[group + 1] as number) + 1;
    for (let g = 0; g < this.table.size; g++)
      this.starts[g + 1] = (this.starts[g + 1] as number) + (this.starts[g] as number);
  }

  get bytes(): number {
    return this.table.bytes + this.rows.byteLength + this.starts.byteLength + this.time.values.byteLength;
  }

  probe(keys: readonly Column[], time: Column, numRows: number, options: AsOfOptions = {}): Int32Array {
    if (!sameTypeIgnoringNulls(time.type, this.time.type)) {
      throw errors.error('SCHEMA_MISMATCH', {
        what: `cannot probe with a time of type ${describeType(time.type)}`,
        why: `the index holds ${describeType(this.time.type)}`,
      });
    }
    const found = new Int32Array(numRows).fill(-1);
    const selection = rowsWithoutNulls([...keys, time], numRows);
    const groups = this.table.lookup(keys, numRows, selection);
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i] as number;
      const row = selection === null ? i : (selection[i] as number);
      if (group >= 0) found[row] = this.search(group, time, row, options);
    }
    return found;
  }

  private search(group: number, time: Column, row: number, options: AsOfOptions): number {
    const first = this.starts[group] as number;
    const end = this.starts[group + 1] as number;
    const after = this.firstAfter(first, end, time, row);
    const before = after > first ? after - 1 : -1;
    const exact = before >= 0 && this.compare(before, time, row) === 0;
    // The row at the very time counts for every direction; the last of equal ones lies just before `after`.
    const next = exact ? before : after < end ? this.lastOfEqual(after, end) : -1;
    const limit = options.tolerance ?? Number.POSITIVE_INFINITY;
    const back = before >= 0 && this.distance(before, time, row) <= limit ? before : -1;
    const ahead = next >= 0 && this.distance(next, time, row) <= limit ? next : -1;
    const chosen = this.choose(options.direction ?? 'backward', back, ahead, time, row);
    return chosen < 0 ? -1 : (this.rows[chosen] as number);
  }

  private choose(direction: string, back: number, ahead: number, time: Column, row: number): number {
    if (direction === 'backward') return back;
    if (direction === 'forward' || back < 0) return ahead;
    if (ahead < 0) return back;
    return this.distance(ahead, time, row) < this.distance(back, time, row) ? ahead : back;
  }

  /** The first position whose time is greater than the row's. */
  private firstAfter(first: number, end: number, time: Column, row: number): number {
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare(middle, time, row) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private lastOfEqual(at: number, end: number): number {
    return this.firstAfter(at, end, this.time, at) - 1;
  }

  private compare(at: number, time: Column, row: number): number {
    return compareWords(this.time.values as Int32Array, at, time.values as Int32Array, row, 2, false);
  }

  private distance(at: number, time: Column, row: number): number {
    return Math.abs(numberAt(this.time, at) - numberAt(time, row));
  }
}

function numberAt(column: Column, row: number): number {
  return wideToNumber(column.values[2 * row] as number, column.values[2 * row + 1] as number);
}
