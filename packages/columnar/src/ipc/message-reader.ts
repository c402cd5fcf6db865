import { FlatTable } from './flat-reader.js';
import { CONTINUATION, VERSION } from './format.js';
import { malformed } from './malformed.js';

/** One message of a stream. */
export interface IncomingMessage {
  readonly kind: number;
  readonly header: FlatTable;
  readonly body: Uint8Array;
  /** Metadata as it stands in the stream. */
  readonly metadata: Uint8Array;
  /** Where the next message starts. */
  readonly end: number;
}

/** The same bytes as a plain Uint8Array: what is cut out of a Buffer is a Buffer, whose `slice` does not copy. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** The message that starts at a position, or null at the end of the stream. */
export function readMessage(bytes: Uint8Array, position: number): IncomingMessage | null {
  if (position === bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = int32At(view, position);
  // Streams written before Arrow 0.15 have no continuation marker.
  const marked = word === CONTINUATION;
  const length = marked ? int32At(view, position + 4) : word;
  if (length === 0) return null;
  const start = position + (marked ? 8 : 4);
  if (length < 0 || start + length > bytes.length) throw malformed('the stream ends inside a message', { position });
  const metadata = bytes.subarray(start, start + length);
  const table = FlatTable.root(metadata);
  const version = table.int16(0, 0);
  if (version < VERSION - 1 || version > VERSION)
    throw malformed('the metadata version is neither 4 nor 5', { version });
  const header = table.table(2);
  const bodyLength = table.size(3);
  const bodyStart = start + length;
  if (header === null) throw malformed('a message has no header', { position });
  if (bodyStart + bodyLength > bytes.length) throw malformed('the stream ends inside a message body', { position });
  const body = bytes.subarray(bodyStart, bodyStart + bodyLength);
  return { kind: table.int8(1, 0), header, body, metadata, end: bodyStart + bodyLength };
}

function int32At(view: DataView, position: number): number {
  if (position + 4 > view.byteLength) throw malformed('the stream ends inside a message length', { position });
  return view.getInt32(position, true);
}
