import type { DataType } from '../schema/data-type.js';
import { utf8 } from '../schema/types.js';
import { ByteBuffer } from './byte-buffer.js';
import type { Column } from './column.js';
import { textValue } from './column-value.js';
import { isValid, makeColumn } from './make-column.js';
import { OffsetsBuilder } from './offsets-builder.js';
import { invalidValue } from './surface-write.js';
import { ValidityBuilder } from './validity-builder.js';

/** Builds utf8 and binary columns. */
export class BytesBuilder {
  private readonly content: ByteBuffer;
  private readonly offsets: OffsetsBuilder;
  private readonly name: string;
  private readonly type: DataType;
  private readonly validity = new ValidityBuilder();

  constructor(name: string, type: DataType, capacity: number) {
    this.name = name;
    this.type = type;
    this.content = new ByteBuffer(capacity * 8);
    this.offsets = new OffsetsBuilder(capacity);
  }

  get length(): number {
    return this.offsets.length;
  }

  get bytes(): number {
    return this.content.length + (this.length + 1) * 4;
  }

  append(value: unknown): void {
    if (this.type.kind === 'utf8' && typeof value === 'string') this.content.appendText(value);
    else if (this.type.kind === 'binary' && value instanceof Uint8Array) {
      this.content.appendBytes(value, 0, value.length);
    } else throw invalidValue(this.name, this.type, value);
    this.validity.appendValid();
    this.offsets.append(this.content.length);
  }

  appendNull(): void {
    this.validity.appendNull();
    this.offsets.append(this.content.length);
  }

  appendColumn(column: Column, start: number, end: number): void {
    const offsets = column.offsets as Int32Array;
    const first = offsets[start] as number;
    const before = this.content.length;
    this.content.appendBytes(column.values as Uint8Array, first, offsets[end] as number);
    this.offsets.appendShifted(offsets, start, end, before - first);
    this.validity.appendColumn(column, start, end);
  }

  finish(): Column {
    const length = this.length;
    const parts = { values: this.content.take(), offsets: this.offsets.finish(), validity: this.validity.finish() };
    return makeColumn(this.type, length, parts);
  }
}

/** Builds dictionary columns: every distinct string is stored once. */
export class DictionaryBuilder {
  length = 0;
  private codes: Int32Array;
  private readonly name: string;
  private readonly type: DataType;
  private readonly validity = new ValidityBuilder();
  private readonly known = new Map<string, number>();
  private readonly dictionary: BytesBuilder;

  constructor(name: string, type: DataType, capacity: number) {
    this.name = name;
    this.type = type;
    this.codes = new Int32Array(capacity);
    this.dictionary = new BytesBuilder(name, utf8(), 16);
  }

  get bytes(): number {
    return this.length * 4 + this.dictionary.bytes;
  }

  append(value: unknown): void {
    if (typeof value !== 'string') throw invalidValue(this.name, this.type, value);
    this.push(this.codeOf(value));
    this.validity.appendValid();
  }

  appendNull(): void {
    this.push(0);
    this.validity.appendNull();
  }

  appendColumn(column: Column, start: number, end: number): void {
    const words = column.children[0] as Column;
    const mapping = new Int32Array(words.length).fill(-1);
    for (let row = start; row < end; row++) {
      if (!isValid(column, row)) {
        this.push(0);
        continue;
      }
      const code = column.values[row] as number;
      if (mapping[code] === -1) mapping[code] = this.codeOf(textValue(words, code));
      this.push(mapping[code] as number);
    }
    this.validity.appendColumn(column, start, end);
  }

  finish(): Column {
    const parts = {
      values: this.codes.subarray(0, this.length),
      validity: this.validity.finish(),
      children: [this.dictionary.finish()],
    };
    const column = makeColumn(this.type, this.length, parts);
    this.known.clear();
    this.codes = new Int32Array(Math.max(16, this.length));
    this.length = 0;
    return column;
  }

  private codeOf(text: string): number {
    let code = this.known.get(text);
    if (code === undefined) {
      code = this.dictionary.length;
      this.dictionary.append(text);
      this.known.set(text, code);
    }
    return code;
  }

  private push(code: number): void {
    if (this.length === this.codes.length) {
      const grown = new Int32Array(Math.max(16, this.length * 2));
      grown.set(this.codes);
      this.codes = grown;
    }
    this.codes[this.length++] = code;
  }
}
