import { malformed } from './malformed.js';

/** FlatBuffers bytes of unknown origin: every read is checked, nothing outside is ever read. */
class FlatBytes {
  readonly view: DataView;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  check(position: number, size: number): number {
    if (position >= 0 && position + size <= this.bytes.length) return position;
    throw malformed('the metadata refers to bytes outside itself', { position, size, length: this.bytes.length });
  }

  uint16(position: number): number {
    return this.view.getUint16(this.check(position, 2), true);
  }

  int32(position: number): number {
    return this.view.getInt32(this.check(position, 4), true);
  }

  /** Where a forward reference leads. */
  follow(position: number): number {
    return position + this.view.getUint32(this.check(position, 4), true);
  }

  /** A 64-bit integer, which must be from 0 to 2^53. */
  size(position: number): number {
    this.check(position, 8);
    const value = this.view.getInt32(position + 4, true) * 4294967296 + this.view.getUint32(position, true);
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
    throw malformed('the metadata holds a length or position that is negative or absurd', { value });
  }
}

/** One FlatBuffers table, read by field number; absent fields give the default. */
export class FlatTable {
  private readonly source: FlatBytes;
  private readonly position: number;
  private readonly vtable: number;
  private readonly vtableSize: number;

  private constructor(source: FlatBytes, position: number) {
    this.source = source;
    this.position = position;
    this.vtable = position - source.int32(position);
    this.vtableSize = source.uint16(this.vtable);
  }

  static root(bytes: Uint8Array): FlatTable {
    const source = new FlatBytes(bytes);
    return new FlatTable(source, source.follow(0));
  }

  int8(id: number, otherwise: number): number {
    const at = this.field(id);
    return at === 0 ? otherwise : this.source.view.getInt8(this.source.check(at, 1));
  }

  int16(id: number, otherwise: number): number {
    const at = this.field(id);
    return at === 0 ? otherwise : this.source.view.getInt16(this.source.check(at, 2), true);
  }

  int32(id: number, otherwise: number): number {
    const at = this.field(id);
    return at === 0 ? otherwise : this.source.int32(at);
  }

  /** A 64-bit integer from 0 to 2^53. */
  size(id: number): number {
    const at = this.field(id);
    return at === 0 ? 0 : this.source.size(at);
  }

  /** A 64-bit identifier as text, whatever its value. */
  identifier(id: number): string {
    const at = this.field(id);
    if (at === 0) return '0';
    return `${this.source.int32(at + 4)}:${this.source.int32(at)}`;
  }

  text(id: number): string | null {
    const at = this.field(id);
    if (at === 0) return null;
    const start = this.source.follow(at);
    const length = this.source.int32(start);
    this.source.check(start + 4, length < 0 ? Number.POSITIVE_INFINITY : length);
    return new TextDecoder().decode(this.source.bytes.subarray(start + 4, start + 4 + length));
  }

  table(id: number): FlatTable | null {
    const at = this.field(id);
    return at === 0 ? null : new FlatTable(this.source, this.source.follow(at));
  }

  tables(id: number): FlatTable[] {
    const { start, count } = this.vector(id, 4);
    return Array.from({ length: count }, (_, i) => new FlatTable(this.source, this.source.follow(start + 4 * i)));
  }

  /** A vector of structs of `size` bytes, each as the 64-bit integers at the given byte positions. */
  longs(id: number, size: number, at: readonly number[]): number[][] {
    const { start, count } = this.vector(id, size);
    return Array.from({ length: count }, (_, i) => at.map((offset) => this.source.size(start + size * i + offset)));
  }

  private vector(id: number, size: number): { start: number; count: number } {
    const at = this.field(id);
    if (at === 0) return { start: 0, count: 0 };
    const start = this.source.follow(at);
    const count = this.source.int32(start);
    this.source.check(start + 4, count < 0 ? Number.POSITIVE_INFINITY : count * size);
    return { start: start + 4, count };
  }

  private field(id: number): number {
    const slot = 4 + 2 * id;
    if (slot + 2 > this.vtableSize) return 0;
    const offset = this.source.uint16(this.vtable + slot);
    return offset === 0 ? 0 : this.position + offset;
  }
}
