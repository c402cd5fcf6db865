import type { LogAppend, LogMessage } from '../ports/log.js';
import { crc32c } from './crc32c.js';

/** Length of the body, CRC-32C of the body. */
export const FRAME_HEADER_BYTES = 8;

/** The header under which a message's id is kept beside its payload. */
const MESSAGE_ID_HEADER = 'sabot-message-id';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * One append as one frame, so that its messages are stored all or none:
 * `u32 body length · u32 CRC-32C of the body · f64 first sequence · u32 count · messages`, little-endian.
 * A message is `u16 headers · (u16 key, u32 value)* · u32 payload`, each text and payload preceded by its length.
 */
export function encodeFrame(firstSequence: number, messages: readonly LogAppend[]): Uint8Array {
  const headers = messages.map(encodeHeaders);
  const total = messages.reduce(
    (sum, message, index) => sum + (headers[index] as Uint8Array).length + 4 + message.payload.length,
    FRAME_HEADER_BYTES + 12,
  );
  const frame = new Uint8Array(total);
  const view = new DataView(frame.buffer);
  view.setFloat64(FRAME_HEADER_BYTES, firstSequence, true);
  view.setUint32(FRAME_HEADER_BYTES + 8, messages.length, true);
  let at = FRAME_HEADER_BYTES + 12;
  for (const [index, message] of messages.entries()) {
    const header = headers[index] as Uint8Array;
    frame.set(header, at);
    at += header.length;
    view.setUint32(at, message.payload.length, true);
    frame.set(message.payload, at + 4);
    at += 4 + message.payload.length;
  }
  view.setUint32(0, total - FRAME_HEADER_BYTES, true);
  view.setUint32(4, crc32c(frame, FRAME_HEADER_BYTES), true);
  return frame;
}

/** Where a frame lies in its segment and which messages it holds. */
export interface FrameExtent {
  readonly offset: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly count: number;
}

/** The frame that begins at `offset`, or undefined when it is incomplete or its checksum is wrong. */
export function frameAt(bytes: Uint8Array, offset: number): FrameExtent | undefined {
  const length = frameLengthAt(bytes, offset);
  if (length === undefined || offset + length > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(offset + 4, true) !== crc32c(bytes, offset + FRAME_HEADER_BYTES, offset + length))
    return undefined;
  return {
    offset,
    bytes: length,
    firstSequence: view.getFloat64(offset + FRAME_HEADER_BYTES, true),
    count: view.getUint32(offset + FRAME_HEADER_BYTES + 8, true),
  };
}

/** The length that the frame at `offset` claims to have, header included; undefined when not even the header is there. */
export function frameLengthAt(bytes: Uint8Array, offset: number): number | undefined {
  if (offset + FRAME_HEADER_BYTES + 12 > bytes.length) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
  return length < 12 ? undefined : FRAME_HEADER_BYTES + length;
}

/** The messages of a frame whose checksum has been verified; payloads are views of `bytes`. */
export function decodeFrame(bytes: Uint8Array, extent: FrameExtent): LogMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: LogMessage[] = [];
  let at = extent.offset + FRAME_HEADER_BYTES + 12;
  for (let index = 0; index < extent.count; index++) {
    const headers = new Map<string, string>();
    const headerCount = view.getUint16(at, true);
    at += 2;
    for (let header = 0; header < headerCount; header++) {
      const keyLength = view.getUint16(at, true);
      const valueLength = view.getUint32(at + 2, true);
      at += 6;
      const key = decoder.decode(bytes.subarray(at, at + keyLength));
      headers.set(key, decoder.decode(bytes.subarray(at + keyLength, at + keyLength + valueLength)));
      at += keyLength + valueLength;
    }
    const payloadLength = view.getUint32(at, true);
    const payload = bytes.subarray(at + 4, at + 4 + payloadLength);
    at += 4 + payloadLength;
    messages.push({ sequence: extent.firstSequence + index, headers, payload });
  }
  return messages;
}

/** The id a stored message was appended with, if any. */
export function messageIdOf(message: LogMessage): string | undefined {
  return message.headers.get(MESSAGE_ID_HEADER);
}

/** The headers of a message to append, its id among them. */
export function headersWithId(message: LogAppend): ReadonlyMap<string, string> {
  if (message.messageId === undefined) return message.headers ?? new Map();
  return new Map([...(message.headers ?? []), [MESSAGE_ID_HEADER, message.messageId]]);
}

function encodeHeaders(message: LogAppend): Uint8Array {
  const pairs = [...headersWithId(message)].map(
    ([key, value]) => [encoder.encode(key), encoder.encode(value)] as const,
  );
  const bytes = new Uint8Array(2 + pairs.reduce((sum, [key, value]) => sum + 6 + key.length + value.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, pairs.length, true);
  let at = 2;
  for (const [key, value] of pairs) {
    view.setUint16(at, key.length, true);
    view.setUint32(at + 2, value.length, true);
    bytes.set(key, at + 6);
    bytes.set(value, at + 6 + key.length);
    at += 6 + key.length + value.length;
  }
  return bytes;
}
