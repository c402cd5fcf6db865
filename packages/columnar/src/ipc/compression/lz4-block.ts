import { malformed } from '../malformed.js';

const MIN_MATCH = 4;
/** The last match must start this far before the end, by the format. */
const LAST_MATCH = 12;
const LAST_LITERALS = 5;
const MAX_DISTANCE = 65_535;
const HASH_BITS = 14;

/** Positions + 1 by hash; used within one synchronous call. */
const table = new Int32Array(1 << HASH_BITS);

/** The most that `size` bytes can become. */
export function lz4Bound(size: number): number {
  return size + Math.floor(size / 255) + 16;
}

/**
 * Compresses a block into `out`; returns how many bytes were written.
 *
 * Method: LZ4's block format, greedy, one candidate per hash of four bytes, longer steps where nothing matches.
 */
export function compressLz4Block(source: Uint8Array, out: Uint8Array): number {
  table.fill(0);
  const matchLimit = source.length - LAST_MATCH;
  const writer = new SequenceWriter(source, out);
  let at = 0;
  let misses = 0;
  while (at < matchLimit) {
    const word = wordAt(source, at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = (table[slot] as number) - 1;
    table[slot] = at + 1;
    if (candidate < 0 || at - candidate > MAX_DISTANCE || wordAt(source, candidate) !== word) {
      at += 1 + (misses++ >> 6);
      continue;
    }
    misses = 0;
    const length = matchLength(source, candidate, at, source.length - LAST_LITERALS);
    writer.sequence(at, at - candidate, length);
    at += length;
  }
  return writer.finish();
}

function matchLength(source: Uint8Array, candidate: number, at: number, end: number): number {
  let length = MIN_MATCH;
  while (at + length < end && source[candidate + length] === source[at + length]) length++;
  return length;
}

/** Writes literals and matches. */
class SequenceWriter {
  private readonly source: Uint8Array;
  private readonly out: Uint8Array;
  private to = 0;
  /** The first byte that is not written yet. */
  private from = 0;

  constructor(source: Uint8Array, out: Uint8Array) {
    this.source = source;
    this.out = out;
  }

  sequence(at: number, distance: number, length: number): void {
    const literals = at - this.from;
    const rest = length - MIN_MATCH;
    this.out[this.to++] = (Math.min(literals, 15) << 4) | Math.min(rest, 15);
    this.literals(literals);
    this.out[this.to++] = distance & 255;
    this.out[this.to++] = distance >> 8;
    if (rest >= 15) this.length(rest - 15);
    this.from = at + length;
  }

  finish(): number {
    const literals = this.source.length - this.from;
    this.out[this.to++] = Math.min(literals, 15) << 4;
    this.literals(literals);
    return this.to;
  }

  private literals(count: number): void {
    if (count >= 15) this.length(count - 15);
    this.out.set(this.source.subarray(this.from, this.from + count), this.to);
    this.to += count;
  }

  private length(rest: number): void {
    let left = rest;
    for (; left >= 255; left -= 255) this.out[this.to++] = 255;
    this.out[this.to++] = left;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Decompresses a block behind what `out` holds before `at` (earlier blocks may be referred to); returns the new end. */
export function decompressLz4Block(block: Uint8Array, out: Uint8Array, at: number): number {
  const end = block.length;
  let from = 0;
  let to = at;
  while (from < end) {
    const token = block[from++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      const extra = lengthAt(block, from);
      literals += extra;
      from += Math.floor(extra / 255) + 1;
    }
    if (from + literals > end || to + literals > out.length) throw malformed('an LZ4 block has too many literals');
    out.set(block.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    // The last sequence has no match.
    if (from === end) return to;
    const distance = (block[from] as number) | ((block[from + 1] as number) << 8);
    from += 2;
    let length = (token & 15) + MIN_MATCH;
    if ((token & 15) === 15) {
      const extra = lengthAt(block, from);
      length += extra;
      from += Math.floor(extra / 255) + 1;
    }
    if (distance === 0 || distance > to || to + length > out.length || from > end) {
      throw malformed('an LZ4 block has a match outside its content');
    }
    copyMatch(out, to, distance, length);
    to += length;
  }
  throw malformed('an LZ4 block ends inside a sequence');
}

function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length) out.copyWithin(to, to - distance, to - distance + length);
  else if (distance === 1) out.fill(out[to - 1] as number, to, to + length);
  else for (let i = to; i < to + length; i++) out[i] = out[i - distance] as number;
}

function lengthAt(block: Uint8Array, from: number): number {
  let sum = 0;
  for (let at = from; ; at++) {
    const byte = block[at];
    if (byte === undefined) throw malformed('an LZ4 block ends inside a length');
    sum += byte;
    if (byte !== 255) return sum;
  }
}
