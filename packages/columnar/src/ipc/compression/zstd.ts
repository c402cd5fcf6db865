import { errors } from '../../errors.js';
import { malformed } from '../malformed.js';
import { plainBytes } from '../message-reader.js';

/** What compresses and decompresses one ZSTD frame. */
interface ZstdEngine {
  compress(bytes: Uint8Array): Uint8Array;
  /** The content of a frame whose header says `size`. */
  decompress(frame: Uint8Array, size: number): Uint8Array;
}

let engine: ZstdEngine | null = null;

/** ZSTD's own default. */
const LEVEL = 3;
const MAGIC = 0xfd2fb528;
/** WebAssembly memory takes the frame and its content. */
const MAX_CONTENT = 512 * 1024 * 1024;

/**
 * Makes ZSTD available to this process: from Node.js where it has it (22.15 and later), otherwise from
 * `@bokuweb/zstd-wasm` (WebAssembly, MIT), which is installed only by those who need it.
 *
 * Errors: `CODEC_MISSING` when neither is there.
 */
export async function loadZstd(): Promise<void> {
  engine ??= (await nativeEngine()) ?? (await wasmEngine());
}

interface NativeZstd {
  zstdCompressSync?(bytes: Uint8Array): Uint8Array;
  zstdDecompressSync?(frame: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

async function nativeEngine(): Promise<ZstdEngine | null> {
  // Older releases of Node.js do not have the functions, nor do their types.
  const { zstdCompressSync, zstdDecompressSync } = (await import('node:zlib')) as NativeZstd;
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return null;
  return {
    compress: (bytes) => zstdCompressSync(bytes),
    decompress: (frame, size) => zstdDecompressSync(frame, { maxOutputLength: Math.max(1, size) }),
  };
}

async function wasmEngine(): Promise<ZstdEngine> {
  try {
    const { init, compress, decompress } = await import('@bokuweb/zstd-wasm');
    await init();
    return { compress: (bytes) => compress(bytes, LEVEL), decompress: (frame) => decompress(frame) };
  } catch (cause) {
    throw errors.error('CODEC_MISSING', {
      what: 'cannot load ZSTD',
      why: 'this release of Node.js has none and @bokuweb/zstd-wasm is not installed',
      cause,
    });
  }
}

function loaded(): ZstdEngine {
  if (engine !== null) return engine;
  throw errors.error('CODEC_MISSING', { what: 'cannot read or write ZSTD', why: 'it was not loaded in this process' });
}

/** Bytes as one ZSTD frame. */
export function compressZstd(bytes: Uint8Array): Uint8Array {
  return loaded().compress(bytes);
}

/** The `size` bytes in a ZSTD frame; what does not come out at exactly that size is malformed. */
export function decompressZstd(frame: Uint8Array, size: number): Uint8Array {
  const decoder = loaded();
  if (size > MAX_CONTENT) throw malformed('a ZSTD frame holds more than 512 MiB', { size });
  const sized = withContentSize(frame, size);
  let content: Uint8Array;
  try {
    content = decoder.decompress(sized, size);
  } catch (cause) {
    throw malformed('a ZSTD frame is damaged', {}, cause);
  }
  if (content.length !== size) throw malformed('a ZSTD frame holds another number of bytes than it should');
  // Node.js gives a Buffer, whose `slice` does not copy.
  return plainBytes(content);
}

/**
 * The frame with its content's size in the header, by RFC 8878 §3.1.1.1: decoders take memory by what the header says,
 * which is held here to what the metadata says. Writers that stream leave the size out.
 */
function withContentSize(frame: Uint8Array, size: number): Uint8Array {
  if (frame.length < 6) throw malformed('a ZSTD frame is cut off');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw malformed('a compressed buffer is not a ZSTD frame');
  const flags = frame[4] as number;
  const singleSegment = (flags & 0x20) !== 0;
  if ((flags & 0x0b) !== 0) throw malformed('a ZSTD frame has unknown flags or a dictionary');
  const sizeBytes = flags >> 6 === 0 ? (singleSegment ? 1 : 0) : 1 << (flags >> 6);
  const sizeAt = singleSegment ? 5 : 6;
  if (frame.length < sizeAt + sizeBytes) throw malformed('a ZSTD frame is cut off');
  if (sizeBytes === 0) return withSizeInserted(frame, flags, size);
  const stated = statedSize(view, sizeAt, sizeBytes);
  if (stated !== size) throw malformed('a ZSTD frame has another size than it should', { stated, size });
  return frame;
}

function statedSize(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  if (bytes === 4) return view.getUint32(at, true);
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 4294967296;
}

function withSizeInserted(frame: Uint8Array, flags: number, size: number): Uint8Array {
  const sized = new Uint8Array(frame.length + 8);
  sized.set(frame.subarray(0, 6));
  sized[4] = flags | 0xc0;
  const view = new DataView(sized.buffer);
  view.setUint32(6, size, true);
  sized.set(frame.subarray(6), 14);
  return sized;
}
