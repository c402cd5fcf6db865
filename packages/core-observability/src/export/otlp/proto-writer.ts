const TWO_32 = 2 ** 32;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Writes protocol buffers into one growing buffer. Source: protobuf.dev, "Encoding".
 * A nested message's length is written as a varint padded to four bytes, so that nothing is moved when it ends; every
 * decoder accepts it.
 */
export class ProtoWriter {
  private buffer = Buffer.allocUnsafe(16 * 1024);
  private at = 0;

  finish(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  /** A nested message, written by `write`. */
  message(field: number, write: () => void): void {
    this.tag(field, BYTES);
    this.reserve(4);
    const lengthAt = this.at;
    this.at += 4;
    write();
    const length = this.at - lengthAt - 4;
    this.buffer[lengthAt] = (length & 0x7f) | 0x80;
    this.buffer[lengthAt + 1] = ((length >>> 7) & 0x7f) | 0x80;
    this.buffer[lengthAt + 2] = ((length >>> 14) & 0x7f) | 0x80;
    this.buffer[lengthAt + 3] = (length >>> 21) & 0x7f;
  }

  string(field: number, text: string): void {
    if (text === '') return;
    const length = Buffer.byteLength(text);
    this.tag(field, BYTES);
    this.varint(length);
    this.reserve(length);
    this.at += this.buffer.write(text, this.at);
  }

  /** Bytes given as hexadecimal digits: trace and span ids. */
  hex(field: number, digits: string): void {
    const length = digits.length >>> 1;
    this.tag(field, BYTES);
    this.varint(length);
    this.reserve(length);
    this.buffer.write(digits, this.at, 'hex');
    this.at += length;
  }

  bool(field: number, value: boolean): void {
    this.tag(field, VARINT);
    this.varint(value ? 1 : 0);
  }

  /** A non-negative integer below 2^32; 0 is left out, as it is the default. */
  uint32(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, VARINT);
    this.varint(value);
  }

  /** A zigzag-encoded 32-bit integer. */
  sint32(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** A safe integer as a 64-bit varint, negative ones in two's complement. */
  int64(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint64(value);
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.reserve(8);
    this.at = this.buffer.writeDoubleLE(value, this.at);
  }

  fixed32(field: number, value: number): void {
    this.tag(field, FIXED32);
    this.reserve(4);
    this.at = this.buffer.writeUInt32LE(value >>> 0, this.at);
  }

  /** A non-negative safe integer. */
  fixed64(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.words(value >>> 0, Math.floor(value / TWO_32));
  }

  /** Epoch milliseconds with fraction as 64-bit nanoseconds. */
  time(field: number, timeMs: number): void {
    const whole = Math.floor(timeMs);
    const nanos = Math.round((timeMs - whole) * 1e6);
    // whole × 10⁶ exceeds 2⁵³: multiplied in two parts of 16 and at most 26 bits.
    const high = Math.floor(whole / 65_536) * 1e6;
    const low = (high % 65_536) * 65_536 + (whole % 65_536) * 1e6 + nanos;
    this.tag(field, FIXED64);
    this.words(low >>> 0, Math.floor(high / 65_536) + Math.floor(low / TWO_32));
  }

  packedFixed64(field: number, values: readonly number[]): void {
    this.tag(field, BYTES);
    this.varint(values.length * 8);
    for (const value of values) this.words(value >>> 0, Math.floor(value / TWO_32));
  }

  packedUint64(field: number, values: readonly number[]): void {
    this.message(field, () => {
      for (const value of values) this.varint64(value);
    });
  }

  packedDouble(field: number, values: readonly number[]): void {
    this.tag(field, BYTES);
    this.varint(values.length * 8);
    this.reserve(values.length * 8);
    for (const value of values) this.at = this.buffer.writeDoubleLE(value, this.at);
  }

  private tag(field: number, type: number): void {
    this.varint((field << 3) | type);
  }

  private words(low: number, high: number): void {
    this.reserve(8);
    this.at = this.buffer.writeUInt32LE(low, this.at);
    this.at = this.buffer.writeUInt32LE(high >>> 0, this.at);
  }

  private varint(value: number): void {
    this.reserve(5);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.at++] = rest;
  }

  private varint64(value: number): void {
    this.reserve(10);
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    while (high > 0 || low > 0x7f) {
      this.buffer[this.at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.buffer[this.at++] = low;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }
}
