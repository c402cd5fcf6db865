import { bitAt, bytesForBits } from '../../batch/bits.js';
import type { Column, ColumnValues } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import type { DataType } from '../../schema/data-type.js';
import { improveEach } from './improve.js';
import { SlotFlags } from './slot-flags.js';

type ArrayOf = new (length: number) => ColumnValues;

/** Slots of fixed-width values; bools are kept as one byte each. */
export class FixedSlots {
  private values: ColumnValues;
  private readonly flags = new SlotFlags();
  private readonly type: DataType;
  private readonly width: 1 | 2 | 4;
  private readonly array: ArrayOf;
  private readonly isBool: boolean;
  private readonly isUnsigned: boolean;

  constructor(type: DataType, width: 1 | 2 | 4, array: ArrayOf) {
    this.type = type;
    this.width = width;
    this.array = array;
    this.values = new array(0);
    this.isBool = type.kind === 'bool';
    this.isUnsigned = type.kind === 'uint64';
  }

  get bytes(): number {
    return this.values.byteLength + this.flags.bytes;
  }

  reserve(count: number): void {
    this.flags.reserve(count);
    if (count * this.width <= this.values.length) return;
    const grown = new this.array(Math.max(16, count, (this.values.length / this.width) * 2) * this.width);
    grown.set(this.values);
    this.values = grown;
  }

  isNull(slot: number): boolean {
    return this.flags.at(slot) === 0;
  }

  set(slot: number, column: Column, row: number): void {
    const valid = isValid(column, row);
    this.flags.set(slot, valid);
    if (!valid) return;
    const { values, width } = this;
    if (this.isBool) values[slot] = bitAt(column.values as Uint8Array, column.bitOffset + row);
    else for (let k = 0; k < width; k++) values[slot * width + k] = column.values[row * width + k] as number;
  }

  compare(slot: number, column: Column, row: number): number {
    const { values } = this;
    if (this.isBool) return (values[slot] as number) - bitAt(column.values as Uint8Array, column.bitOffset + row);
    if (this.width === 1) return compareNumbers(values[slot] as number, column.values[row] as number);
    return compareWords(values as Int32Array, slot, column.values as Int32Array, row, this.width, this.isUnsigned);
  }

  improve(slots: Int32Array, column: Column, rows: Int32Array | null, count: number, direction: 1 | -1): void {
    const pairs = this.width === 2 && !this.isUnsigned && column.validity === null;
    if (pairs) this.improvePairs(slots, column.values as Int32Array, rows, count, direction);
    else if (this.width === 1 && !this.isBool) this.improveNumbers(slots, column, rows, count, direction);
    else improveEach(this, slots, column, rows, count, direction);
  }

  private improvePairs(
    slots: Int32Array,
    from: Int32Array,
    rows: Int32Array | null,
    count: number,
    direction: 1 | -1,
  ): void {
    const values = this.values as Int32Array;
    const flags = this.flags.values;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : (rows[i] as number);
      const slot = slots[i] as number;
      const low = from[2 * row] as number;
      const high = from[2 * row + 1] as number;
      const ownHigh = values[2 * slot + 1] as number;
      const order = ownHigh === high ? ((values[2 * slot] as number) >>> 0) - (low >>> 0) : ownHigh - high;
      if (order * direction <= 0 && flags[slot] === 1) continue;
      flags[slot] = 1;
      values[2 * slot] = low;
      values[2 * slot + 1] = high;
    }
  }

  private improveNumbers(
    slots: Int32Array,
    column: Column,
    rows: Int32Array | null,
    count: number,
    direction: 1 | -1,
  ): void {
    const { values, flags } = this;
    const hasNulls = column.validity !== null;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : (rows[i] as number);
      if (hasNulls && !isValid(column, row)) continue;
      const slot = slots[i] as number;
      const value = column.values[row] as number;
      if (flags.at(slot) === 1 && compareNumbers(values[slot] as number, value) * direction <= 0) continue;
      flags.set(slot, true);
      values[slot] = value;
    }
  }

  toColumn(slots: Int32Array | null, count: number): Column {
    const validity = this.flags.toValidity(slots, count);
    if (this.isBool) return makeColumn(this.type, count, { values: this.toBits(slots, count), validity });
    const { width } = this;
    const out = new this.array(count * width);
    if (slots === null) out.set(this.values.subarray(0, count * width));
    else {
      for (let i = 0; i < count; i++) {
        const slot = slots[i] as number;
        for (let k = 0; k < width; k++) out[i * width + k] = this.values[slot * width + k] as number;
      }
    }
    return makeColumn(this.type, count, { values: out, validity });
  }

  retain(slots: Int32Array): void {
    const { width } = this;
    const kept = new this.array(Math.max(16, slots.length) * width);
    slots.forEach((slot, i) => {
      for (let k = 0; k < width; k++) kept[i * width + k] = this.values[slot * width + k] as number;
    });
    this.values = kept;
    this.flags.retain(slots);
  }

  private toBits(slots: Int32Array | null, count: number): Uint8Array {
    const bits = new Uint8Array(bytesForBits(count));
    for (let i = 0; i < count; i++) {
      const value = this.values[slots === null ? i : (slots[i] as number)] as number;
      bits[i >> 3] = (bits[i >> 3] as number) | (value << (i & 7));
    }
    return bits;
  }
}

/** Order of numbers with NaN greatest, as in SQL databases. */
export function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : -1;
}

/** Order of multi-word little-endian integers at element positions `i` and `j`. */
export function compareWords(
  a: Int32Array,
  i: number,
  b: Int32Array,
  j: number,
  width: number,
  unsigned: boolean,
): number {
  const top = width - 1;
  const highA = a[i * width + top] as number;
  const highB = b[j * width + top] as number;
  if (highA !== highB) return (unsigned ? highA >>> 0 < highB >>> 0 : highA < highB) ? -1 : 1;
  for (let k = top - 1; k >= 0; k--) {
    const lowA = (a[i * width + k] as number) >>> 0;
    const lowB = (b[j * width + k] as number) >>> 0;
    if (lowA !== lowB) return lowA < lowB ? -1 : 1;
  }
  return 0;
}
