import { copyBytes } from '../bytes/copy.js';
import { type Codec, expectLength, wrongBytes, wrongValue } from './codec.js';

const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** Strings as UTF-8. A lone surrogate becomes U+FFFD. */
export const utf8Codec: Codec<string> = {
  schema: 'utf8',
  encode(value, writer) {
    if (typeof value !== 'string') throw wrongValue('utf8', `it is a ${typeof value}`);
    writer.utf8(value);
  },
  decode(bytes) {
    try {
      return textDecoder.decode(bytes);
    } catch (cause) {
      throw wrongBytes('utf8', 'they are not UTF-8', cause);
    }
  },
};

/** Numbers in eight bytes; NaN and −0 survive. */
export const float64Codec: Codec<number> = {
  schema: 'float64',
  encode(value, writer) {
    if (typeof value !== 'number') throw wrongValue('float64', `it is a ${typeof value}`);
    writer.f64(value);
  },
  decode(bytes) {
    expectLength('float64', bytes, 8);
    return viewOf(bytes).getFloat64(0, true);
  },
};

/** Signed 64-bit integers as `bigint`. For counters below 2^53 `float64Codec` is faster. */
export const int64Codec: Codec<bigint> = {
  schema: 'int64',
  encode(value, writer) {
    if (typeof value !== 'bigint') throw wrongValue('int64', `it is a ${typeof value}, not a bigint`);
    if (BigInt.asIntN(64, value) !== value) throw wrongValue('int64', `${value} has more than 64 bits`);
    writer.i64(value);
  },
  decode(bytes) {
    expectLength('int64', bytes, 8);
    return viewOf(bytes).getBigInt64(0, true);
  },
};

export const boolCodec: Codec<boolean> = {
  schema: 'bool',
  encode(value, writer) {
    if (typeof value !== 'boolean') throw wrongValue('bool', `it is a ${typeof value}`);
    writer.u8(value ? 1 : 0);
  },
  decode(bytes) {
    expectLength('bool', bytes, 1);
    return bytes[0] !== 0;
  },
};

/** Byte strings as they are; decoding copies. */
export const bytesCodec: Codec<Uint8Array> = {
  schema: 'bytes',
  encode(value, writer) {
    if (!(value instanceof Uint8Array)) throw wrongValue('bytes', 'it is not a Uint8Array');
    writer.bytes(value);
  },
  decode: (bytes) => copyBytes(bytes),
};

/**
 * Anything that JSON can say, as UTF-8. Convenient and slow: for hot state prefer `structCodec`. What JSON drops
 * (`undefined`, functions, NaN, Map) is lost; a value that is dropped whole fails with `SABOT_STATE_CODEC_VALUE`.
 */
export function jsonCodec<T>(): Codec<T> {
  return {
    schema: 'json',
    encode(value, writer) {
      const text = stringified(value);
      if (text === undefined) throw wrongValue('json', `JSON has no form for a value of type ${typeof value}`);
      writer.utf8(text);
    },
    decode(bytes) {
      try {
        // The schema says that this state's bytes were written from a T.
        return JSON.parse(textDecoder.decode(bytes)) as T;
      } catch (cause) {
        throw wrongBytes('json', 'they are not JSON', cause);
      }
    },
  };
}

function stringified(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw wrongValue('json', cause instanceof Error ? cause.message : String(cause));
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
