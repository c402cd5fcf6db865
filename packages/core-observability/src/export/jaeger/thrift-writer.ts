const BOOL = 2;
const DOUBLE = 4;
const I32 = 8;
const I64 = 10;
const STRING = 11;
const STRUCT = 12;
const LIST = 15;
const STOP = 0;
const TWO_32 = 2 ** 32;

/** Writes Thrift's binary protocol. Source: Apache Thrift, "Thrift Binary protocol encoding". */
export class ThriftWriter {
  private buffer = Buffer.allocUnsafe(16 * 1024);
  private at = 0;

  finish(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  /** The fields of a struct, then its end. */
  struct(write: () => void): void {
    write();
    this.byte(STOP);
  }

  structField(id: number, write: () => void): void {
    this.head(STRUCT, id);
    this.struct(write);
  }

  structList<T>(id: number, items: readonly T[], write: (item: T) => void): void {
    this.head(LIST, id);
    this.byte(STRUCT);
    this.int32(items.length);
    for (const item of items) this.struct(() => write(item));
  }

  bool(id: number, value: boolean): void {
    this.head(BOOL, id);
    this.byte(value ? 1 : 0);
  }

  double(id: number, value: number): void {
    this.head(DOUBLE, id);
    this.reserve(8);
    this.at = this.buffer.writeDoubleBE(value, this.at);
  }

  i32(id: number, value: number): void {
    this.head(I32, id);
    this.int32(value);
  }

  /** A safe integer as 64 bits, two's complement. */
  i64(id: number, value: number): void {
    this.words(id, Math.floor(value / TWO_32) >>> 0, value >>> 0);
  }

  /** Eight bytes given as 16 hexadecimal digits: a span id or half a trace id. */
  id64(id: number, digits: string): void {
    this.words(id, Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8, 16), 16));
  }

  string(id: number, text: string): void {
    this.head(STRING, id);
    const length = Buffer.byteLength(text);
    this.int32(length);
    this.reserve(length);
    this.at += this.buffer.write(text, this.at);
  }

  private head(type: number, id: number): void {
    this.byte(type);
    this.reserve(2);
    this.at = this.buffer.writeInt16BE(id, this.at);
  }

  private words(id: number, high: number, low: number): void {
    this.head(I64, id);
    this.reserve(8);
    this.at = this.buffer.writeUInt32BE(high, this.at);
    this.at = this.buffer.writeUInt32BE(low, this.at);
  }

  private int32(value: number): void {
    this.reserve(4);
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.at++] = value;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }
}
