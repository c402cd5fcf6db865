/** Writes FlatBuffers tables back to front, as the format demands; only what Arrow's messages need. */
export class FlatWriter {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  /** Everything from here to the end is written. */
  private head = 1024;
  private fields: number[] = [];
  private tableEnd = 0;

  /** How far the last thing written lies from the end: the way to refer to it. */
  get position(): number {
    return this.bytes.length - this.head;
  }

  text(value: string): number {
    const encoded = new TextEncoder().encode(value);
    this.align(4, encoded.length + 1);
    this.take(encoded.length + 1);
    this.bytes.fill(0, this.head, this.head + encoded.length + 1);
    this.bytes.set(encoded, this.head);
    this.int32(encoded.length);
    return this.position;
  }

  /** A vector of references to things written before. */
  references(positions: readonly number[]): number {
    this.align(4, positions.length * 4);
    for (const position of positions.toReversed()) this.reference(position);
    this.int32(positions.length);
    return this.position;
  }

  /** A vector of structs made of 64-bit integers, `perStruct` each; `numbers` holds them in order. */
  longStructs(numbers: readonly number[], perStruct: number): number {
    this.align(4, 0);
    this.align(8, 0);
    for (const number of numbers.toReversed()) this.int64(number);
    this.int32(numbers.length / perStruct);
    return this.position;
  }

  beginTable(): void {
    this.fields = [];
    this.tableEnd = this.position;
  }

  fieldInt8(id: number, value: number): void {
    this.align(1, 0);
    this.take(1);
    this.view.setInt8(this.head, value);
    this.fields[id] = this.position;
  }

  fieldInt16(id: number, value: number): void {
    this.align(2, 0);
    this.take(2);
    this.view.setInt16(this.head, value, true);
    this.fields[id] = this.position;
  }

  fieldInt32(id: number, value: number): void {
    this.align(4, 0);
    this.int32(value);
    this.fields[id] = this.position;
  }

  fieldInt64(id: number, value: number): void {
    this.align(8, 0);
    this.int64(value);
    this.fields[id] = this.position;
  }

  fieldReference(id: number, position: number): void {
    this.align(4, 0);
    this.reference(position);
    this.fields[id] = this.position;
  }

  endTable(): number {
    this.align(4, 0);
    this.int32(0);
    const table = this.position;
    const count = this.fields.length;
    for (let id = count - 1; id >= 0; id--)
      this.int16(this.fields[id] === undefined ? 0 : table - (this.fields[id] as number));
    this.int16(table - this.tableEnd);
    this.int16(4 + 2 * count);
    this.view.setInt32(this.bytes.length - table, this.position - table, true);
    return table;
  }

  /** The finished buffer, its length a multiple of 8. */
  finish(root: number): Uint8Array {
    this.align(8, 4);
    this.reference(root);
    return this.bytes.slice(this.head);
  }

  private reference(position: number): void {
    this.int32(this.position - position + 4);
  }

  private int16(value: number): void {
    this.take(2);
    this.view.setInt16(this.head, value, true);
  }

  private int32(value: number): void {
    this.take(4);
    this.view.setInt32(this.head, value, true);
  }

  private int64(value: number): void {
    this.take(8);
    this.view.setInt32(this.head, value | 0, true);
    this.view.setInt32(this.head + 4, Math.floor(value / 4294967296), true);
  }

  /** Pads so that after `following` more bytes the position is a multiple of `size`. */
  private align(size: number, following: number): void {
    const padding = -(this.position + following) & (size - 1);
    this.take(padding);
    this.bytes.fill(0, this.head, this.head + padding);
  }

  private take(count: number): void {
    if (count > this.head) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.bytes.length + count));
      grown.set(this.bytes, grown.length - this.bytes.length);
      this.head += grown.length - this.bytes.length;
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.head -= count;
  }
}
