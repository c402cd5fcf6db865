import { errors } from '../errors.js';

const encoder = new TextEncoder();
const MAX_BYTES = 2 ** 31 - 1;
const SHORT = 32;

/** A growing run of bytes, addressed with 32-bit offsets. */
export class ByteBuffer {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room; `COLUMN_TOO_LARGE` beyond 2^31 − 1 bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    if (needed > MAX_BYTES) {
      throw errors.error('COLUMN_TOO_LARGE', {
        what: `cannot hold ${needed} bytes in one column`,
        why: 'its offsets have 32 bits',
      });
    }
    const grown = new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, this.bytes.length * 2, 64)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  appendBytes(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    // A call to set costs more than a short copy.
    if (end - start > SHORT) this.bytes.set(source.subarray(start, end), this.length);
    else for (let i = start, at = this.length; i < end; i++, at++) this.bytes[at] = source[i] as number;
    this.length += end - start;
  }

  appendText(text: string): void {
    this.reserve(text.length * 3);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** The bytes so far; the buffer is empty and owns new memory after. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = new Uint8Array(Math.max(64, this.length));
    this.length = 0;
    return taken;
  }
}
