import { stateErrors } from '../errors.js';

/** Where a codec writes: little-endian, growing as needed. */
export interface CodecWriter {
  u8(value: number): void;
  u32(value: number): void;
  i32(value: number): void;
  i64(value: bigint): void;
  f64(value: number): void;
  bytes(value: Uint8Array): void;
  utf8(text: string): void;
}

/** How values of a state become bytes and back. */
export interface Codec<T> {
  /** Names the stored form; two codecs with the same schema read each other's bytes. Part of a job's layout. */
  readonly schema: string;
  /** Appends the value. Fails with `SABOT_STATE_CODEC_VALUE` when it does not fit. */
  encode(value: T, writer: CodecWriter): void;
  /** The value of exactly these bytes, which are borrowed. Fails with `SABOT_STATE_CODEC_BYTES`. */
  decode(bytes: Uint8Array): T;
}

/** The failure of encoding a value. */
export function wrongValue(schema: string, why: string) {
  return stateErrors.error('CODEC_VALUE', { what: `cannot encode a value as ${schema}`, why });
}

/** The failure of decoding bytes. */
export function wrongBytes(schema: string, why: string, cause?: unknown) {
  return stateErrors.error('CODEC_BYTES', { what: `cannot decode stored bytes as ${schema}`, why, cause });
}

export function expectLength(schema: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw wrongBytes(schema, `there are ${bytes.length} bytes, ${length} are needed`);
}
