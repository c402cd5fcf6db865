import { bitAt } from '../../batch/bits.js';
import { ByteBuffer } from '../../batch/byte-buffer.js';
import type { Column } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import { utf8, withNullability } from '../../schema/types.js';
import { dictionaryEncode } from '../dictionary.js';
import { bytesPairs, HASHED, type HashBytes, hashBytes, sameBytes } from './bytes-pairs.js';
import type { ColumnKeys } from './column-keys.js';
import { nullAt } from './fixed-keys.js';
import { BLOCK, blockWords } from './key-block.js';
import { type ExpectedKeys, PairTable } from './pair-table.js';

const MAX_BYTES = 2 ** 31 - 1;
/** Bytes that the second cache holds beside the rest. */
const CACHED_BYTES = 131_072;

/** Where the strings of a call lie. */
interface Source {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
}

/**
 * Keys that are strings or byte strings, plain or dictionary encoded.
 *
 * Algorithm: strings of up to seven bytes are numbered as pairs of words that hold them; longer ones by a pair that is
 * a 56-bit hash, and compared with the bytes kept for that number. One whose hash belongs to another string takes the
 * next pair that is free or its own.
 * State: 16 bytes per key, and the bytes of the longer ones.
 */
export class BytesKeys implements ColumnKeys {
  private readonly pairs: PairTable;
  private readonly type: DataType;
  private readonly hash: HashBytes;
  /** The bytes of hashed keys; key number n has `starts[n] … starts[n + 1]`. */
  private readonly content = new ByteBuffer(64);
  private contentView: DataView = new DataView(new ArrayBuffer(0));
  private starts = new Int32Array(17);
  /** Keys below this number have their place in `starts`; short ones get it when a longer one comes. */
  private filled = 0;
  /** The strings of a block by their index in the source, and behind them where those found lie. */
  private readonly indexes = new Int32Array(2 * BLOCK);
  /** Keeps the reads of `fetch` from being optimised away. */
  protected fetched = 0;
  private readonly nulls = new Uint8Array(BLOCK);
  /** Whether two keys have had one hash; rows are then gone through one by one. */
  private collided = false;

  /** `hash` is replaced in tests only. */
  constructor(type: DataType, expected: ExpectedKeys = {}, hash: HashBytes = hashBytes) {
    this.type = type;
    this.pairs = new PairTable(expected);
    this.hash = hash;
  }

  get size(): number {
    return this.pairs.size;
  }

  /** The number of null, −1 while there was none. */
  get nullId(): number {
    return this.pairs.nullId;
  }

  get bytes(): number {
    return this.pairs.bytes + this.content.bytes.length + this.starts.byteLength;
  }

  assign(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    const source = sourceOf(column);
    let start = 0;
    while (start < count) {
      const end = Math.min(count, start + (this.collided ? 1 : BLOCK));
      const before = this.pairs.size;
      const nulls = this.openBlock(column, selection, start, end);
      const hashed = bytesPairs(source.view, source.offsets, this.indexes, end - start, this.hash);
      this.pairs.assign(blockWords, nulls, end - start, out, start);
      if (hashed > 0 && !this.keepBytes(source, end - start, out, start)) this.undo(before);
      else start = end;
    }
  }

  lookup(column: Column, selection: Int32Array | null, count: number, out: Int32Array): void {
    const source = sourceOf(column);
    for (let start = 0; start < count; start += BLOCK) {
      const end = Math.min(count, start + BLOCK);
      const nulls = this.openBlock(column, selection, start, end);
      const hashed = bytesPairs(source.view, source.offsets, this.indexes, end - start, this.hash);
      this.pairs.find(blockWords, nulls, end - start, out, start);
      if (hashed > 0) this.checkFound(source, end - start, out, start);
    }
  }

  toColumn(ids: Int32Array | null, count: number): Column {
    const offsets = this.offsetsOf(ids, count);
    const values = new Uint8Array(offsets[count] as number);
    const { words, nullId } = this.pairs;
    for (let i = 0; i < count; i++) {
      const id = ids === null ? i : (ids[i] as number);
      let at = offsets[i] as number;
      if ((words[2 * id + 1] as number) >>> 24 === HASHED) {
        values.set(this.content.bytes.subarray(this.starts[id] as number, this.starts[id + 1] as number), at);
      } else {
        for (let k = 0; at < (offsets[i + 1] as number); k++)
          values[at++] = (words[2 * id + (k >> 2)] as number) >> (8 * (k & 3));
      }
    }
    const validity = nullAt(nullId, ids, count);
    if (this.type.kind !== 'dictionary') return makeColumn(this.type, count, { values, offsets, validity });
    const plain = makeColumn(withNullability(utf8(), this.type.nullable), count, { values, offsets, validity });
    return dictionaryEncode(plain);
  }

  // Whatever stepped aside for a key that goes has to move, so all are numbered anew.
  retain(ids: Int32Array): void {
    const kept = this.toColumn(ids, ids.length);
    this.clear();
    this.assign(kept, null, kept.length, new Int32Array(kept.length));
  }

  clear(): void {
    this.pairs.clear();
    this.content.take();
    this.starts = new Int32Array(17);
    this.filled = 0;
    this.collided = false;
  }

  /** Finds the string of each row of a block: its index in the source, −1 for null. */
  private openBlock(column: Column, selection: Int32Array | null, start: number, end: number): Uint8Array | null {
    const { indexes, nulls } = this;
    const { validity, bitOffset } = column;
    const codes = column.type.kind === 'dictionary' ? (column.values as Int32Array) : null;
    for (let i = start; i < end; i++) {
      const row = selection === null ? i : (selection[i] as number);
      indexes[i - start] = codes === null ? row : (codes[row] as number);
    }
    if (validity === null) return null;
    for (let i = start; i < end; i++) {
      const valid = bitAt(validity, bitOffset + (selection === null ? i : (selection[i] as number)));
      nulls[i - start] = 1 - valid;
      if (valid === 0) indexes[i - start] = -1;
    }
    return nulls;
  }

  /**
   * Keeps the bytes of keys that a block opened, and compares the others; numbers grow in the order of rows. False when
   * a block of several rows has to be gone through row by row, because keys with one hash would be numbered out of turn.
   */
  private keepBytes(source: Source, count: number, out: Int32Array, at: number): boolean {
    const { indexes } = this;
    for (let i = 0; i < count; i++) {
      const id = out[at + i] as number;
      const index = indexes[i] as number;
      const isHashed = index >= 0 && (blockWords[2 * i + 1] as number) >>> 24 === HASHED;
      if (id >= this.filled) this.fill(source, id, isHashed ? index : -1);
      else if (isHashed && !this.holds(source, id, index)) {
        if (count > 1) return false;
        out[at + i] = this.stepAside(source, i, true);
      }
    }
    return true;
  }

  private undo(size: number): void {
    this.collided = true;
    this.pairs.retain(Int32Array.from({ length: size }, (_, id) => id));
    this.filled = Math.min(this.filled, size);
    this.content.length = this.starts[this.filled] as number;
  }

  private checkFound(source: Source, count: number, out: Int32Array, at: number): void {
    const { indexes } = this;
    if (this.content.length > CACHED_BYTES) this.fetch(count, out, at);
    for (let i = 0; i < count; i++) {
      const id = out[at + i] as number;
      const index = indexes[i] as number;
      if (id < 0 || index < 0 || (blockWords[2 * i + 1] as number) >>> 24 !== HASHED) continue;
      if (!this.holds(source, id, index)) out[at + i] = this.stepAside(source, i, false);
    }
  }

  /** Reads where the bytes of the found keys lie, and then those, so that comparing them does not wait for each. */
  private fetch(count: number, out: Int32Array, at: number): void {
    const { starts, indexes, filled } = this;
    const { bytes } = this.content;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const id = out[at + i] as number;
      // Block positions are not needed for −1 and short keys; any place will do.
      indexes[BLOCK + i] = id < 0 || id >= filled ? 0 : (starts[id] as number);
    }
    for (let i = 0; i < count; i++) seen ^= bytes[indexes[BLOCK + i] as number] as number;
    this.fetched = seen;
  }

  /** Goes from pair to pair until one holds the string, or is free; −1 when it is free and `open` is false. */
  private stepAside(source: Source, i: number, open: boolean): number {
    const index = this.indexes[i] as number;
    for (;;) {
      blockWords[2 * i] = ((blockWords[2 * i] as number) + 0x61c88647) | 0;
      const pair = blockWords.subarray(2 * i, 2 * i + 2);
      const before = this.pairs.size;
      if (open) this.pairs.assign(pair, null, 1, ONE, 0);
      else this.pairs.find(pair, null, 1, ONE, 0);
      const id = ONE[0] as number;
      if (id < 0) return id;
      if (id === before) this.fill(source, id, index);
      if (this.holds(source, id, index)) return id;
    }
  }

  /** Gives keys up to number `id` their place in the content, and that one the bytes of string `index` (−1: none). */
  private fill(source: Source, id: number, index: number): void {
    if (id + 2 > this.starts.length) {
      const grown = new Int32Array(2 * (id + 2));
      grown.set(this.starts);
      this.starts = grown;
    }
    for (; this.filled <= id; this.filled++) this.starts[this.filled + 1] = this.content.length;
    if (index < 0) return;
    const { offsets, bytes } = source;
    this.content.appendBytes(bytes, offsets[index] as number, offsets[index + 1] as number);
    this.starts[id + 1] = this.content.length;
    const { buffer, byteOffset, byteLength } = this.content.bytes;
    if (this.contentView.buffer !== buffer) this.contentView = new DataView(buffer, byteOffset, byteLength);
  }

  private holds(source: Source, id: number, index: number): boolean {
    const start = source.offsets[index] as number;
    const length = (source.offsets[index + 1] as number) - start;
    const own = this.starts[id] as number;
    if ((this.starts[id + 1] as number) - own !== length) return false;
    return sameBytes(this.contentView, own, source.view, start, length);
  }

  private offsetsOf(ids: Int32Array | null, count: number): Int32Array {
    const { words, nullId } = this.pairs;
    const offsets = new Int32Array(count + 1);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const id = ids === null ? i : (ids[i] as number);
      const length = (words[2 * id + 1] as number) >>> 24;
      if (length === HASHED) total += (this.starts[id + 1] as number) - (this.starts[id] as number);
      else if (id !== nullId) total += length;
      if (total > MAX_BYTES) {
        throw errors.error('COLUMN_TOO_LARGE', { what: 'cannot write out keys', why: 'they hold 2^31 bytes' });
      }
      offsets[i + 1] = total;
    }
    return offsets;
  }
}

const ONE = new Int32Array(1);

function sourceOf(column: Column): Source {
  const strings = column.type.kind === 'dictionary' ? (column.children[0] as Column) : column;
  const bytes = strings.values as Uint8Array;
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offsets: strings.offsets as Int32Array,
  };
}
