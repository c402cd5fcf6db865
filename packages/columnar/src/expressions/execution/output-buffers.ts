import { bytesForBits } from '../../batch/bits.js';
import { ByteBuffer } from '../../batch/byte-buffer.js';
import type { Column, ColumnValues } from '../../batch/column.js';
import { makeColumn } from '../../batch/make-column.js';
import { dictionaryEncode } from '../../kernels/dictionary.js';
import type { DataType } from '../../schema/data-type.js';
import { allocateFixed, layoutOf } from '../../schema/layout.js';
import { utf8, withNullability } from '../../schema/types.js';
import { shapeOf } from '../lowering/value.js';
import { nextPiece } from '../runtime/text-pieces.js';

/** Takes the strings of one output column, row after row. */
export class TextSink {
  private readonly content: ByteBuffer;
  private readonly offsets: Int32Array;

  constructor(rows: number) {
    this.content = new ByteBuffer(Math.max(64, rows * 8));
    this.offsets = new Int32Array(rows + 1);
  }

  put(row: number, bytes: Uint8Array, start: number, end: number): void {
    this.content.appendBytes(bytes, start, end);
    this.offsets[row + 1] = this.content.length;
  }

  putNothing(row: number): void {
    this.offsets[row + 1] = this.content.length;
  }

  finish(type: DataType, rows: number, validity: Uint8Array | null): Column {
    const parts = { values: this.content.take(), offsets: this.offsets.subarray(0, rows + 1), validity };
    if (type.kind !== 'dictionary') return makeColumn(type, rows, parts);
    return dictionaryEncode(makeColumn(withNullability(utf8(), type.nullable), rows, parts));
  }
}

/** Takes the strings of one output column of lists, each as a string and the separator that it is cut at. */
export class PiecesSink {
  private readonly content: ByteBuffer;
  private ends = new Int32Array(64);
  private pieces = 0;
  private readonly offsets: Int32Array;

  constructor(rows: number) {
    this.content = new ByteBuffer(Math.max(64, rows * 8));
    this.offsets = new Int32Array(rows + 1);
  }

  put(row: number, a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): void {
    let start = aStart;
    for (let next = nextPiece(a, start, aEnd, b, bStart, bEnd); next >= 0; ) {
      this.append(a, start, next - (bEnd - bStart));
      start = next;
      next = nextPiece(a, start, aEnd, b, bStart, bEnd);
    }
    this.append(a, start, aEnd);
    this.offsets[row + 1] = this.pieces;
  }

  putNothing(row: number): void {
    this.offsets[row + 1] = this.pieces;
  }

  finish(type: DataType, rows: number, validity: Uint8Array | null): Column {
    const offsets = this.ends.slice(0, this.pieces + 1);
    const items = makeColumn(utf8(), this.pieces, { values: this.content.take(), offsets });
    return makeColumn(type, rows, { offsets: this.offsets.subarray(0, rows + 1), validity, children: [items] });
  }

  private append(bytes: Uint8Array, start: number, end: number): void {
    this.content.appendBytes(bytes, start, end);
    if (++this.pieces === this.ends.length) {
      const grown = new Int32Array(this.ends.length * 2);
      grown.set(this.ends);
      this.ends = grown;
    }
    this.ends[this.pieces] = this.content.length;
  }
}

/** Where a compiled loop puts one output column: values, and one byte per row that is 1 for null. */
export interface OutputBuffer {
  readonly values: ColumnValues | TextSink | PiecesSink;
  readonly nulls: Uint8Array;
}

/** Buffers for an output column of up to `rows` rows; bools take a byte per row until they are finished. */
export function allocateOutput(type: DataType, rows: number): OutputBuffer {
  const nulls = new Uint8Array(type.nullable ? rows : 0);
  const layout = layoutOf(type);
  switch (shapeOf(type)) {
    case 'bool':
      return { values: new Uint8Array(rows), nulls };
    case 'text':
      return { values: new TextSink(rows), nulls };
    case 'place':
      return { values: new PiecesSink(rows), nulls };
    default:
      return { values: allocateFixed(layout as Extract<typeof layout, { shape: 'fixed' }>, rows), nulls };
  }
}

/** The column of the first `rows` rows. */
export function finishOutput(type: DataType, buffer: OutputBuffer, rows: number): Column {
  const validity = buffer.nulls.length === 0 ? null : packBits(buffer.nulls, rows, 0);
  const { values: filled } = buffer;
  if (filled instanceof TextSink || filled instanceof PiecesSink) return filled.finish(type, rows, validity);
  const layout = layoutOf(type);
  if (layout.shape === 'bits') {
    return makeColumn(type, rows, { values: packBits(filled as Uint8Array, rows, 1), validity });
  }
  const { width } = layout as Extract<typeof layout, { shape: 'fixed' }>;
  const used = rows * width;
  // A column that keeps few of its rows should not hold on to the room for all.
  const values = used * 2 < filled.length ? filled.slice(0, used) : filled.subarray(0, used);
  return makeColumn(type, rows, { values, validity });
}

/** Bits that are set where a byte equals `one`. */
function packBits(bytes: Uint8Array, rows: number, one: 0 | 1): Uint8Array {
  const bits = new Uint8Array(bytesForBits(rows));
  for (let row = 0; row < rows; row++) {
    if (bytes[row] === one) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }
  return bits;
}
