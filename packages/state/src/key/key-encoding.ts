import { ByteWriter } from '../bytes/byte-writer.js';
import { stateErrors } from '../errors.js';

/**
 * Composite keys as bytes whose order is the order of the parts: null, false, true, numbers by type, then strings by
 * code point. Each part says where it ends, so no key is a prefix of a part of another by accident.
 *
 * | part | bytes |
 * |---|---|
 * | null | 01 |
 * | false, true | 02, 03 |
 * | int64 | 04, eight bytes big-endian with the sign bit flipped |
 * | float64 | 05, eight bytes big-endian; positive: sign bit flipped; negative: all bits flipped. −0 is 0, NaN is last |
 * | timestamp | 06, as float64 (epoch milliseconds) |
 * | utf8 | 07, bytes with 00 written as 00 FF, then 00 |
 *
 * Source: the tuple encoding of FoundationDB (escaping), IEEE 754 total order.
 */
const NULL = 0x01;
const FALSE = 0x02;
const TRUE = 0x03;
const INT64 = 0x04;
const FLOAT64 = 0x05;
const TIMESTAMP = 0x06;
const UTF8 = 0x07;

/** One part of a decoded key. */
export type KeyPart =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int64'; readonly value: bigint }
  | { readonly type: 'float64' | 'timestamp'; readonly value: number }
  | { readonly type: 'utf8'; readonly value: string };

/** Builds keys in one buffer that is used again and again: nothing is allocated per key. */
export interface KeyWriter {
  /** The key's bytes are the first `length` of it; replaced when it grows. */
  readonly buffer: Uint8Array;
  readonly length: number;
  reset(): KeyWriter;
  null(): KeyWriter;
  bool(value: boolean): KeyWriter;
  /** A number must be a safe integer; else fails with `SABOT_STATE_CODEC_VALUE`. */
  int64(value: number | bigint): KeyWriter;
  /** A signed 64-bit integer as its low and high 32-bit words, as columns hold it. */
  int64Words(low: number, high: number): KeyWriter;
  float64(value: number): KeyWriter;
  /** Epoch milliseconds. */
  timestamp(valueMs: number): KeyWriter;
  utf8(value: string): KeyWriter;
  /** Text that is UTF-8 already, from `start` to `end`. */
  utf8Bytes(bytes: Uint8Array, start?: number, end?: number): KeyWriter;
  /** A copy of the key. */
  bytes(): Uint8Array;
}

/** A writer of composite, order-preserving keys. */
export function createKeyWriter(): KeyWriter {
  return new OrderedKeyWriter();
}

class OrderedKeyWriter implements KeyWriter {
  private readonly writer = new ByteWriter(64);
  private readonly text = new ByteWriter(64);
  private readonly number = new DataView(new ArrayBuffer(8));

  get buffer(): Uint8Array {
    return this.writer.buffer;
  }

  get length(): number {
    return this.writer.length;
  }

  reset(): KeyWriter {
    this.writer.reset();
    return this;
  }

  null(): KeyWriter {
    this.writer.u8(NULL);
    return this;
  }

  bool(value: boolean): KeyWriter {
    this.writer.u8(value ? TRUE : FALSE);
    return this;
  }

  int64(value: number | bigint): KeyWriter {
    if (typeof value === 'bigint') {
      this.number.setBigInt64(0, value);
      return this.int64Words(this.number.getInt32(4), this.number.getInt32(0));
    }
    if (!Number.isSafeInteger(value)) {
      throw stateErrors.error('CODEC_VALUE', {
        what: 'cannot encode a key part as int64',
        why: `${value} is no safe integer`,
      });
    }
    return this.int64Words(value | 0, Math.floor(value / 0x1_0000_0000) | 0);
  }

  int64Words(low: number, high: number): KeyWriter {
    this.writer.u8(INT64);
    this.word(high ^ 0x8000_0000);
    this.word(low);
    return this;
  }

  float64(value: number): KeyWriter {
    this.writer.u8(FLOAT64);
    return this.ordered(value);
  }

  timestamp(valueMs: number): KeyWriter {
    this.writer.u8(TIMESTAMP);
    return this.ordered(valueMs);
  }

  utf8(value: string): KeyWriter {
    this.text.reset().utf8(value);
    return this.utf8Bytes(this.text.buffer, 0, this.text.length);
  }

  utf8Bytes(bytes: Uint8Array, start = 0, end = bytes.length): KeyWriter {
    this.writer.u8(UTF8);
    appendEscaped(this.writer, bytes, start, end);
    return this;
  }

  bytes(): Uint8Array {
    return this.writer.copy();
  }

  private ordered(value: number): KeyWriter {
    // -0 equals 0 and every NaN equals every other: one form each.
    this.number.setFloat64(0, value === 0 ? 0 : value);
    const high = this.number.getInt32(0);
    const low = this.number.getInt32(4);
    const flip = high < 0 && !Number.isNaN(value) ? -1 : 0;
    this.word(Number.isNaN(value) ? 0xffff_ffff : high ^ (flip | 0x8000_0000));
    this.word(low ^ flip);
    return this;
  }

  private word(value: number): void {
    this.writer.u8((value >>> 24) & 255);
    this.writer.u8((value >>> 16) & 255);
    this.writer.u8((value >>> 8) & 255);
    this.writer.u8(value & 255);
  }
}

/** Appends bytes so that they say where they end and keep their order: 00 becomes 00 FF, and 00 follows. */
export function appendEscaped(writer: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    writer.u8(byte);
    if (byte === 0) writer.u8(0xff);
  }
  writer.u8(0);
}

/** The parts of a key that a `KeyWriter` made; fails with `SABOT_STATE_CODEC_BYTES` on other bytes. */
export function decodeKey(key: Uint8Array): readonly KeyPart[] {
  const parts: KeyPart[] = [];
  for (let at = 0; at < key.length; ) {
    const [part, next] = decodePart(key, at);
    parts.push(part);
    at = next;
  }
  return parts;
}

/** The part that begins at `at`, and where the next one begins. */
export function decodePart(key: Uint8Array, at: number): readonly [part: KeyPart, next: number] {
  switch (key[at]) {
    case NULL:
      return [{ type: 'null', value: null }, at + 1];
    case FALSE:
      return [{ type: 'bool', value: false }, at + 1];
    case TRUE:
      return [{ type: 'bool', value: true }, at + 1];
    case INT64:
      return [{ type: 'int64', value: numberView(key, at).getBigInt64(0) ^ -0x8000_0000_0000_0000n }, at + 9];
    case FLOAT64:
      return [{ type: 'float64', value: decodeOrdered(key, at) }, at + 9];
    case TIMESTAMP:
      return [{ type: 'timestamp', value: decodeOrdered(key, at) }, at + 9];
    case UTF8:
      return decodeText(key, at + 1);
    default:
      throw badKey(`the byte ${key[at]} at ${at} begins no part`);
  }
}

function numberView(key: Uint8Array, at: number): DataView {
  if (at + 9 > key.length) throw badKey('a number is cut off');
  return new DataView(key.buffer, key.byteOffset + at + 1, 8);
}

function decodeOrdered(key: Uint8Array, at: number): number {
  const source = numberView(key, at);
  const high = source.getInt32(0);
  // A set first bit stood for a positive number.
  const flip = high < 0 ? 0 : -1;
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, high ^ (flip | 0x8000_0000));
  view.setInt32(4, source.getInt32(4) ^ flip);
  return view.getFloat64(0);
}

function decodeText(key: Uint8Array, from: number): readonly [part: KeyPart, next: number] {
  const text = new ByteWriter(32);
  for (let at = from; at < key.length; at++) {
    const byte = key[at] as number;
    if (byte !== 0) text.u8(byte);
    else if (key[at + 1] === 0xff) text.u8(key[at++] as number);
    else return [{ type: 'utf8', value: Buffer.from(text.copy()).toString('utf8') }, at + 1];
  }
  throw badKey('a string has no end');
}

function badKey(why: string) {
  return stateErrors.error('CODEC_BYTES', { what: 'cannot decode a state key', why });
}
