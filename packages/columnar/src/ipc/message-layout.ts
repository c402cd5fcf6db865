import { CONTINUATION, padded } from './format.js';
import type { OutgoingMessage } from './record-writer.js';

/** Where a message lies: as a file's footer says it. */
export interface MessagePlace {
  readonly offset: number;
  /** Metadata with the 8 bytes before it. */
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/** Messages one after the other and the end marker, behind `before` and in front of `after`. */
export function layOutMessages(
  messages: readonly OutgoingMessage[],
  before: Uint8Array = NOTHING,
  after: Uint8Array = NOTHING,
): Uint8Array {
  const places = placesOf(messages, before.length);
  const last = places.at(-1);
  const end = last === undefined ? before.length : endOf(last);
  const bytes = new Uint8Array(end + 8 + after.length);
  const view = new DataView(bytes.buffer);
  bytes.set(before);
  messages.forEach(({ metadata, buffers }, i) => {
    let at = (places[i] as MessagePlace).offset;
    view.setInt32(at, CONTINUATION, true);
    view.setInt32(at + 4, metadata.length, true);
    bytes.set(metadata, at + 8);
    at += 8 + metadata.length;
    for (const buffer of buffers) {
      bytes.set(buffer, at);
      at += padded(buffer.length);
    }
  });
  view.setInt32(end, CONTINUATION, true);
  bytes.set(after, end + 8);
  return bytes;
}

const NOTHING = new Uint8Array(0);

function endOf({ offset, metadataLength, bodyLength }: MessagePlace): number {
  return offset + metadataLength + bodyLength;
}

/** Where messages come to lie when the first starts at `start`. */
export function placesOf(messages: readonly OutgoingMessage[], start: number): MessagePlace[] {
  let offset = start;
  return messages.map(({ metadata, bodyLength }) => {
    const place = { offset, metadataLength: 8 + metadata.length, bodyLength };
    offset = endOf(place);
    return place;
  });
}
