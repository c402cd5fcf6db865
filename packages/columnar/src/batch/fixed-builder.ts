import type { DataType } from '../schema/data-type.js';
import { allocateFixed, type Layout } from '../schema/layout.js';
import { bytesForBits, writeBits } from './bits.js';
import type { Column, ColumnValues } from './column.js';
import { makeColumn } from './make-column.js';
import { invalidValue, type SurfaceWriter, surfaceWriter } from './surface-write.js';
import { ValidityBuilder } from './validity-builder.js';

type FixedLayout = Extract<Layout, { shape: 'fixed' }>;

/** Builds columns of fixed-width values. */
export class FixedBuilder {
  length = 0;
  private values: ColumnValues;
  private readonly name: string;
  private readonly type: DataType;
  private readonly layout: FixedLayout;
  private readonly write: SurfaceWriter;
  private readonly validity = new ValidityBuilder();

  constructor(name: string, type: DataType, layout: FixedLayout, capacity: number) {
    this.name = name;
    this.type = type;
    this.layout = layout;
    this.write = surfaceWriter(type);
    this.values = allocateFixed(layout, capacity);
  }

  get bytes(): number {
    return this.length * this.layout.width * this.values.BYTES_PER_ELEMENT;
  }

  append(value: unknown): void {
    this.reserve(1);
    if (!this.write(this.values, this.length * this.layout.width, value))
      throw invalidValue(this.name, this.type, value);
    this.validity.appendValid();
    this.length++;
  }

  appendNull(): void {
    this.reserve(1);
    this.validity.appendNull();
    this.length++;
  }

  appendColumn(column: Column, start: number, end: number): void {
    this.reserve(end - start);
    const { width } = this.layout;
    this.values.set(column.values.subarray(start * width, end * width), this.length * width);
    this.validity.appendColumn(column, start, end);
    this.length += end - start;
  }

  finish(): Column {
    const values = this.values.subarray(0, this.length * this.layout.width);
    const column = makeColumn(this.type, this.length, { values, validity: this.validity.finish() });
    this.values = allocateFixed(this.layout, Math.max(16, this.length));
    this.length = 0;
    return column;
  }

  private reserve(rows: number): void {
    const needed = (this.length + rows) * this.layout.width;
    if (needed <= this.values.length) return;
    const grown = allocateFixed(this.layout, Math.max(this.length + rows, this.length * 2, 16));
    grown.set(this.values);
    this.values = grown;
  }
}

/** Builds bool columns. */
export class BitsBuilder {
  length = 0;
  private values = new Uint8Array(16);
  private readonly name: string;
  private readonly type: DataType;
  private readonly validity = new ValidityBuilder();

  constructor(name: string, type: DataType) {
    this.name = name;
    this.type = type;
  }

  get bytes(): number {
    return bytesForBits(this.length);
  }

  append(value: unknown): void {
    if (typeof value !== 'boolean') throw invalidValue(this.name, this.type, value);
    this.reserve(1);
    if (value) this.values[this.length >> 3] = (this.values[this.length >> 3] as number) | (1 << (this.length & 7));
    this.validity.appendValid();
    this.length++;
  }

  appendNull(): void {
    this.reserve(1);
    this.validity.appendNull();
    this.length++;
  }

  appendColumn(column: Column, start: number, end: number): void {
    this.reserve(end - start);
    writeBits(this.values, this.length, column.values as Uint8Array, column.bitOffset + start, end - start);
    this.validity.appendColumn(column, start, end);
    this.length += end - start;
  }

  finish(): Column {
    const values = this.values.subarray(0, bytesForBits(this.length));
    const column = makeColumn(this.type, this.length, { values, validity: this.validity.finish() });
    this.values = new Uint8Array(16);
    this.length = 0;
    return column;
  }

  private reserve(rows: number): void {
    const needed = bytesForBits(this.length + rows);
    if (needed <= this.values.length) return;
    const grown = new Uint8Array(Math.max(needed, this.values.length * 2));
    grown.set(this.values);
    this.values = grown;
  }
}
