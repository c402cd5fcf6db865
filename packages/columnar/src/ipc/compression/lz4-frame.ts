import { malformed } from '../malformed.js';
import { compressLz4Block, decompressLz4Block, lz4Bound } from './lz4-block.js';
import { xxhash32 } from './xxhash32.js';

const MAGIC = 0x184d2204;
const BLOCK_BYTES = 4 * 1024 * 1024;
const HEADER_BYTES = 15;
/** No byte of LZ4 stands for more. */
const MAX_RATIO = 255;
const RAW = 0x80000000;

/** Bytes as one LZ4 frame: independent blocks of 4 MiB with the content's size. */
export function compressLz4(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const out = new Uint8Array(HEADER_BYTES + lz4Bound(bytes.length) + 16 * blocks + 4);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  // Version 1, independent blocks, content size; blocks of at most 4 MiB.
  out[4] = 0x68;
  out[5] = 0x70;
  view.setUint32(6, bytes.length, true);
  out[14] = (xxhash32(out, 4, 14) >> 8) & 255;
  let at = HEADER_BYTES;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    at = writeBlock(bytes.subarray(from, from + BLOCK_BYTES), out, view, at);
  }
  // An attempt to compress may have left its traces here.
  view.setUint32(at, 0, true);
  return out.subarray(0, at + 4);
}

function writeBlock(block: Uint8Array, out: Uint8Array, view: DataView, at: number): number {
  const size = compressLz4Block(block, out.subarray(at + 4));
  if (size < block.length) {
    view.setUint32(at, size, true);
    return at + 4 + size;
  }
  view.setUint32(at, block.length + RAW, true);
  out.set(block, at + 4);
  return at + 4 + block.length;
}

/** The `size` bytes in an LZ4 frame; what does not come out at exactly that size is malformed. */
export function decompressLz4(frame: Uint8Array, size: number): Uint8Array {
  if (size > frame.length * MAX_RATIO) throw malformed('an LZ4 frame cannot hold as many bytes as it claims', { size });
  return new FrameReader(frame, size).read();
}

class FrameReader {
  private readonly frame: Uint8Array;
  private readonly view: DataView;
  private readonly out: Uint8Array;
  private at = 0;
  private end = 0;

  constructor(frame: Uint8Array, size: number) {
    this.frame = frame;
    this.view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.out = new Uint8Array(size);
  }

  read(): Uint8Array {
    const flags = this.header();
    const history = (flags & 0x20) === 0;
    for (let word = this.word(); word !== 0; word = this.word()) this.block(word, (flags & 0x10) !== 0, history);
    if (this.end !== this.out.length) throw malformed('an LZ4 frame holds fewer bytes than it should');
    if ((flags & 0x04) !== 0 && this.word() !== xxhash32(this.out, 0, this.end)) throw wrongChecksum();
    return this.out;
  }

  private header(): number {
    if (this.word() !== MAGIC) throw malformed('a compressed buffer is not an LZ4 frame');
    const flags = this.frame[4] ?? 0;
    if (flags >> 6 !== 1 || (flags & 1) !== 0) throw malformed('an LZ4 frame has an unknown version or a dictionary');
    this.at = 6;
    if ((flags & 0x08) !== 0) {
      const size = this.word() + this.word() * 4294967296;
      if (size !== this.out.length) throw malformed('an LZ4 frame has another size than it should', { size });
    }
    if (((xxhash32(this.frame, 4, this.at) >> 8) & 255) !== this.frame[this.at++]) throw wrongChecksum();
    return flags;
  }

  private block(word: number, checksum: boolean, history: boolean): void {
    const size = word & 0x7fffffff;
    const from = this.at;
    if (from + size > this.frame.length) throw malformed('an LZ4 frame ends inside a block');
    const block = this.frame.subarray(from, from + size);
    this.at += size;
    if (checksum && this.word() !== xxhash32(this.frame, from, from + size)) throw wrongChecksum();
    if (word >= RAW) {
      if (this.end + size > this.out.length) throw malformed('an LZ4 frame holds more bytes than it should');
      this.out.set(block, this.end);
      this.end += size;
    } else if (history) this.end = decompressLz4Block(block, this.out, this.end);
    else this.end += decompressLz4Block(block, this.out.subarray(this.end), 0);
  }

  private word(): number {
    if (this.at + 4 > this.frame.length) throw malformed('an LZ4 frame is cut off');
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
}

function wrongChecksum(): Error {
  return malformed('a checksum of an LZ4 frame is wrong');
}
