import { ByteBuffer } from '../../batch/byte-buffer.js';
import type { Column } from '../../batch/column.js';
import { isValid, makeColumn } from '../../batch/make-column.js';
import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { utf8, withNullability } from '../../schema/types.js';
import { dictionaryEncode } from '../dictionary.js';
import { improveEach } from './improve.js';
import { SlotFlags } from './slot-flags.js';

/** Slots of strings or byte strings; replaced bytes are collected when they outweigh the live ones. */
export class BytesSlots {
  private content = new ByteBuffer(256);
  private starts = new Int32Array(0);
  private ends = new Int32Array(0);
  private count = 0;
  private live = 0;
  private readonly flags = new SlotFlags();
  private readonly type: DataType;

  constructor(type: DataType) {
    this.type = type;
  }

  get bytes(): number {
    return this.content.bytes.length + 8 * this.starts.length + this.flags.bytes;
  }

  reserve(count: number): void {
    this.count = Math.max(this.count, count);
    this.flags.reserve(count);
    if (count <= this.starts.length) return;
    const size = Math.max(16, count, this.starts.length * 2);
    const starts = new Int32Array(size);
    const ends = new Int32Array(size);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }

  isNull(slot: number): boolean {
    return this.flags.at(slot) === 0;
  }

  set(slot: number, column: Column, row: number): void {
    const valid = isValid(column, row);
    this.flags.set(slot, valid);
    this.live -= (this.ends[slot] as number) - (this.starts[slot] as number);
    this.starts[slot] = this.content.length;
    if (valid) {
      const { bytes, offsets, index } = spanAt(column, row);
      this.content.appendBytes(bytes, offsets[index] as number, offsets[index + 1] as number);
    }
    this.ends[slot] = this.content.length;
    this.live += (this.ends[slot] as number) - (this.starts[slot] as number);
    if (this.content.length > 65536 && this.content.length > 2 * this.live) this.compact();
  }

  compare(slot: number, column: Column, row: number): number {
    const { bytes, offsets, index } = spanAt(column, row);
    const end = offsets[index + 1] as number;
    return compareSpans(
      this.content.bytes,
      this.starts[slot] as number,
      this.ends[slot] as number,
      bytes,
      offsets[index] as number,
      end,
    );
  }

  improve(slots: Int32Array, column: Column, rows: Int32Array | null, count: number, direction: 1 | -1): void {
    improveEach(this, slots, column, rows, count, direction);
  }

  toColumn(slots: Int32Array | null, count: number): Column {
    const offsets = new Int32Array(count + 1);
    for (let i = 0; i < count; i++) {
      const slot = slots === null ? i : (slots[i] as number);
      const end = (offsets[i] as number) + (this.ends[slot] as number) - (this.starts[slot] as number);
      if (end > 2 ** 31 - 1)
        throw errors.error('COLUMN_TOO_LARGE', { what: 'cannot write out slots', why: 'they hold 2^31 bytes' });
      offsets[i + 1] = end;
    }
    const values = new Uint8Array(offsets[count] as number);
    for (let i = 0; i < count; i++) {
      const slot = slots === null ? i : (slots[i] as number);
      let at = offsets[i] as number;
      for (let k = this.starts[slot] as number; k < (this.ends[slot] as number); k++) {
        values[at++] = this.content.bytes[k] as number;
      }
    }
    const validity = this.flags.toValidity(slots, count);
    if (this.type.kind !== 'dictionary') return makeColumn(this.type, count, { values, offsets, validity });
    const plain = makeColumn(withNullability(utf8(), this.type.nullable), count, { values, offsets, validity });
    return dictionaryEncode(plain);
  }

  retain(slots: Int32Array): void {
    const starts = Int32Array.from(slots, (slot) => this.starts[slot] as number);
    const ends = Int32Array.from(slots, (slot) => this.ends[slot] as number);
    this.starts = starts;
    this.ends = ends;
    this.count = slots.length;
    this.flags.retain(slots);
    this.compact();
  }

  private compact(): void {
    const old = this.content.bytes;
    let live = 0;
    for (let slot = 0; slot < this.count; slot++) live += (this.ends[slot] as number) - (this.starts[slot] as number);
    const content = new ByteBuffer(Math.max(256, live * 2));
    for (let slot = 0; slot < this.count; slot++) {
      const start = content.length;
      content.appendBytes(old, this.starts[slot] as number, this.ends[slot] as number);
      this.starts[slot] = start;
      this.ends[slot] = content.length;
    }
    this.content = content;
    this.live = live;
  }
}

const span: { bytes: Uint8Array; offsets: Int32Array; index: number } = {
  bytes: new Uint8Array(0),
  offsets: new Int32Array(0),
  index: 0,
};

/** Where a string row's bytes lie; one object is reused by every call. */
function spanAt(column: Column, row: number): typeof span {
  const encoded = column.type.kind === 'dictionary';
  const source = encoded ? (column.children[0] as Column) : column;
  span.bytes = source.values as Uint8Array;
  span.offsets = source.offsets as Int32Array;
  span.index = encoded ? (column.values[row] as number) : row;
  return span;
}

/** Order of two runs of bytes; for UTF-8 this is code-point order. */
export function compareSpans(
  a: Uint8Array,
  startA: number,
  endA: number,
  b: Uint8Array,
  startB: number,
  endB: number,
): number {
  const length = Math.min(endA - startA, endB - startB);
  for (let k = 0; k < length; k++) {
    const difference = (a[startA + k] as number) - (b[startB + k] as number);
    if (difference !== 0) return difference;
  }
  return endA - startA - (endB - startB);
}
