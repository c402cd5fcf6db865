import { ByteBuffer } from '../batch/byte-buffer.js';
import type { Column } from '../batch/column.js';
import { isValid, makeColumn } from '../batch/make-column.js';
import type { Dictionary, Utf8 } from '../schema/data-type.js';
import { dictionary, utf8, withNullability } from '../schema/types.js';
import { hashColumns } from './hash.js';
import { takeColumn } from './take.js';

/** The same strings with each distinct one stored once, in order of first appearance. */
export function dictionaryEncode(column: Column<Utf8>): Column<Dictionary> {
  const bytes = column.values as Uint8Array;
  const offsets = column.offsets as Int32Array;
  const hashes = hashColumns([column], column.length);
  const codes = new Int32Array(column.length);
  const words = new WordTable();
  for (let row = 0; row < column.length; row++) {
    if (!isValid(column, row)) continue;
    codes[row] = words.codeOf(bytes, offsets[row] as number, offsets[row + 1] as number, hashes[row] as number);
  }
  return makeColumn(withNullability(dictionary(), column.type.nullable), column.length, {
    values: codes,
    validity: column.validity,
    bitOffset: column.bitOffset,
    children: [words.toColumn()],
  });
}

/** The strings of a dictionary column written out. */
export function dictionaryDecode(column: Column<Dictionary>): Column<Utf8> {
  const words = column.children[0] as Column;
  let rows = column.values as Int32Array;
  if (column.validity !== null) rows = rows.map((code, row) => (isValid(column, row) ? code : -1));
  const type = withNullability(utf8(), column.type.nullable);
  return takeColumn(words, rows, column.length, type) as Column<Utf8>;
}

/** Distinct byte runs numbered in order of appearance; open addressing. */
class WordTable {
  private slots = new Int32Array(64).fill(-1);
  private hashes = new Uint32Array(32);
  private offsets = new Int32Array(33);
  private count = 0;
  private readonly content = new ByteBuffer(256);

  codeOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = this.slots[slot] as number;
      if (code < 0) break;
      if (this.hashes[code] === hash && this.holds(code, bytes, start, end)) return code;
      slot = (slot + 1) & mask;
    }
    this.slots[slot] = this.count;
    this.hashes[this.count] = hash;
    this.content.appendBytes(bytes, start, end);
    this.offsets[++this.count] = this.content.length;
    if (this.count === this.hashes.length) this.grow();
    return this.count - 1;
  }

  toColumn(): Column {
    const offsets = this.offsets.slice(0, this.count + 1);
    return makeColumn(utf8(), this.count, { values: this.content.take(), offsets });
  }

  private holds(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.offsets[code] as number;
    if ((this.offsets[code + 1] as number) - from !== end - start) return false;
    for (let k = 0; k < end - start; k++) if (this.content.bytes[from + k] !== bytes[start + k]) return false;
    return true;
  }

  private grow(): void {
    const hashes = new Uint32Array(this.count * 2);
    hashes.set(this.hashes);
    this.hashes = hashes;
    const offsets = new Int32Array(this.count * 2 + 1);
    offsets.set(this.offsets);
    this.offsets = offsets;
    this.slots = new Int32Array(this.count * 4).fill(-1);
    const mask = this.slots.length - 1;
    for (let code = 0; code < this.count; code++) {
      let slot = (hashes[code] as number) & mask;
      while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = code;
    }
  }
}
