import type { FlatTable } from '../flat-reader.js';
import { malformed } from '../malformed.js';
import type { ReadBudget } from '../read-budget.js';
import { compressLz4, decompressLz4 } from './lz4-frame.js';
import { compressZstd, decompressZstd } from './zstd.js';

/** How the buffers of messages are compressed: LZ4 frames, or ZSTD after `await loadZstd()`. */
export type IpcCompression = 'lz4' | 'zstd';

interface BodyCodec {
  compress(bytes: Uint8Array): Uint8Array;
  decompress(frame: Uint8Array, size: number): Uint8Array;
}

/** By the numbers of Message.fbs. */
const CODECS: readonly (BodyCodec & { readonly name: IpcCompression })[] = [
  { name: 'lz4', compress: compressLz4, decompress: decompressLz4 },
  { name: 'zstd', compress: compressZstd, decompress: decompressZstd },
];

const PREFIX = 8;
const NOTHING = new Uint8Array(0);

/** The number of a codec in a message's metadata. */
export function codecNumber(compression: IpcCompression): number {
  return CODECS.findIndex((codec) => codec.name === compression);
}

/**
 * A buffer as a compressed body holds it: its length and its frame, even where that is longer. The format would allow
 * −1 and the buffer as it is, which not every reader takes.
 */
export function compressBuffer(bytes: Uint8Array, compression: IpcCompression): Uint8Array {
  if (bytes.length === 0) return bytes;
  const codec = CODECS[codecNumber(compression)] as BodyCodec;
  const frame = codec.compress(bytes);
  const out = new Uint8Array(PREFIX + frame.length);
  new DataView(out.buffer).setUint32(0, bytes.length, true);
  out.set(frame, PREFIX);
  return out;
}

/** Undoes `compressBuffer` for the buffers of one message. */
export class BufferDecompressor {
  private readonly codec: BodyCodec;
  private readonly budget: ReadBudget;

  constructor(header: FlatTable, budget: ReadBudget) {
    const codec = CODECS[header.int8(0, 0)];
    if (codec === undefined || header.int8(1, 0) !== 0)
      throw malformed('the record batch is compressed in an unknown way');
    this.codec = codec;
    this.budget = budget;
  }

  read(stored: Uint8Array): Uint8Array {
    if (stored.length === 0) return NOTHING;
    if (stored.length < PREFIX) throw malformed('a compressed buffer has no length');
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    const low = view.getUint32(0, true);
    const high = view.getInt32(4, true);
    const content = stored.subarray(PREFIX);
    if (high === -1 && low === 0xffffffff) return content;
    const size = high * 4294967296 + low;
    if (high < 0 || size > Number.MAX_SAFE_INTEGER)
      throw malformed('a compressed buffer has an absurd length', { size });
    if (size === 0) return NOTHING;
    this.budget.take(size);
    return this.codec.decompress(content, size);
  }
}
