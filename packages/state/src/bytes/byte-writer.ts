const textEncoder = new TextEncoder();

/** A buffer that grows as values are appended; little-endian. */
export class ByteWriter {
  /** What has been written is its first `length` bytes; replaced when it grows. */
  buffer: Uint8Array<ArrayBuffer>;
  length = 0;
  private view: DataView<ArrayBuffer>;

  constructor(capacity = 64) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  reset(): this {
    this.length = 0;
    return this;
  }

  /** A copy of what has been written. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u16(value: number): void {
    const at = this.skip(2);
    this.view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.skip(4);
    this.view.setUint32(at, value, true);
  }

  i32(value: number): void {
    const at = this.skip(4);
    this.view.setInt32(at, value, true);
  }

  /** A non-negative integer below 2^53 in eight bytes. */
  u53(value: number): void {
    this.u32(value >>> 0);
    this.u32(Math.floor(value / 0x1_0000_0000));
  }

  i64(value: bigint): void {
    const at = this.skip(8);
    this.view.setBigInt64(at, value, true);
  }

  f64(value: number): void {
    const at = this.skip(8);
    this.view.setFloat64(at, value, true);
  }

  /** A non-negative integer below 2^53, seven bits per byte, low bits first (LEB128). */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  bytes(value: Uint8Array, start = 0, end = value.length): void {
    const at = this.skip(end - start);
    this.buffer.set(start === 0 && end === value.length ? value : value.subarray(start, end), at);
  }

  utf8(text: string): void {
    // Three bytes per UTF-16 unit are always enough.
    this.reserve(text.length * 3);
    const { written } = textEncoder.encodeInto(text, this.buffer.subarray(this.length));
    this.length += written;
  }

  /** Where `size` bytes may be written. Call it before touching `view` or `buffer`: it may replace them. */
  private skip(size: number): number {
    this.reserve(size);
    const at = this.length;
    this.length += size;
    return at;
  }

  private reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}
