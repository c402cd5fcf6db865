/** Grows the offsets of a variable-length column: `length + 1` ends, the first 0. */
export class OffsetsBuilder {
  length = 0;
  private offsets: Int32Array;

  constructor(capacity: number) {
    this.offsets = new Int32Array(capacity + 1);
  }

  append(end: number): void {
    this.reserve(1);
    this.offsets[++this.length] = end;
  }

  /** Appends the ends of rows `start` to `end` (exclusive) of other offsets, each moved by `shift`. */
  appendShifted(offsets: Int32Array, start: number, end: number, shift: number): void {
    this.reserve(end - start);
    for (let row = start; row < end; row++) this.offsets[++this.length] = (offsets[row + 1] as number) + shift;
  }

  finish(): Int32Array {
    const offsets = this.offsets.subarray(0, this.length + 1);
    this.offsets = new Int32Array(Math.max(17, this.length + 1));
    this.length = 0;
    return offsets;
  }

  private reserve(rows: number): void {
    const needed = this.length + rows + 1;
    if (needed <= this.offsets.length) return;
    const grown = new Int32Array(Math.max(needed, this.offsets.length * 2));
    grown.set(this.offsets.subarray(0, this.length + 1));
    this.offsets = grown;
  }
}
