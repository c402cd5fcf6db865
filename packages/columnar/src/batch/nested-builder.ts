import type { DataType } from '../schema/data-type.js';
import type { Column } from './column.js';
import type { ColumnBuilder } from './column-builder.js';
import { makeColumn } from './make-column.js';
import { OffsetsBuilder } from './offsets-builder.js';
import { invalidValue } from './surface-write.js';
import { ValidityBuilder } from './validity-builder.js';

/** Builds list columns over a builder of their items. */
export class ListBuilder {
  private readonly name: string;
  private readonly type: DataType;
  private readonly items: ColumnBuilder;
  private readonly offsets: OffsetsBuilder;
  private readonly validity = new ValidityBuilder();

  constructor(name: string, type: DataType, items: ColumnBuilder, capacity: number) {
    this.name = name;
    this.type = type;
    this.items = items;
    this.offsets = new OffsetsBuilder(capacity);
  }

  get length(): number {
    return this.offsets.length;
  }

  get bytes(): number {
    return this.items.bytes + (this.length + 1) * 4;
  }

  append(value: unknown): void {
    if (!Array.isArray(value)) throw invalidValue(this.name, this.type, value);
    const { item } = this.type as Extract<DataType, { kind: 'list' }>;
    for (const element of value) appendNullable(this.items, element, `${this.name}[]`, item);
    this.validity.appendValid();
    this.offsets.append(this.items.length);
  }

  appendNull(): void {
    this.validity.appendNull();
    this.offsets.append(this.items.length);
  }

  appendColumn(column: Column, start: number, end: number): void {
    const offsets = column.offsets as Int32Array;
    const first = offsets[start] as number;
    const before = this.items.length;
    this.items.appendColumn(column.children[0] as Column, first, offsets[end] as number);
    this.offsets.appendShifted(offsets, start, end, before - first);
    this.validity.appendColumn(column, start, end);
  }

  finish(): Column {
    const length = this.length;
    const parts = { offsets: this.offsets.finish(), validity: this.validity.finish(), children: [this.items.finish()] };
    return makeColumn(this.type, length, parts);
  }
}

/** Builds struct columns over one builder per field. */
export class StructBuilder {
  length = 0;
  private readonly name: string;
  private readonly type: DataType;
  private readonly fields: ReadonlyMap<string, ColumnBuilder>;
  private readonly validity = new ValidityBuilder();

  constructor(name: string, type: DataType, fields: ReadonlyMap<string, ColumnBuilder>) {
    this.name = name;
    this.type = type;
    this.fields = fields;
  }

  get bytes(): number {
    let bytes = 0;
    for (const field of this.fields.values()) bytes += field.bytes;
    return bytes;
  }

  append(value: unknown): void {
    if (typeof value !== 'object' || value === null) throw invalidValue(this.name, this.type, value);
    const { fields } = this.type as Extract<DataType, { kind: 'struct' }>;
    for (const [field, builder] of this.fields) {
      const inner = (value as Record<string, unknown>)[field];
      appendNullable(builder, inner, `${this.name}.${field}`, fields[field] as DataType);
    }
    this.validity.appendValid();
    this.length++;
  }

  appendNull(): void {
    // The fields of a null struct are not read: their null is only a place holder.
    for (const builder of this.fields.values()) builder.appendNull();
    this.validity.appendNull();
    this.length++;
  }

  appendColumn(column: Column, start: number, end: number): void {
    let index = 0;
    for (const builder of this.fields.values()) builder.appendColumn(column.children[index++] as Column, start, end);
    this.validity.appendColumn(column, start, end);
    this.length += end - start;
  }

  finish(): Column {
    const children = [...this.fields.values()].map((field) => withoutPlaceholders(field.finish()));
    const column = makeColumn(this.type, this.length, { validity: this.validity.finish(), children });
    this.length = 0;
    return column;
  }
}

/** Place holders under null structs are not nulls of a field that has none. */
function withoutPlaceholders(column: Column): Column {
  return column.type.nullable ? column : { ...column, nullCount: 0, validity: null };
}

/** Appends a surface value that may be null; `VALUE_INVALID` when the type has no nulls. */
export function appendNullable(builder: ColumnBuilder, value: unknown, name: string, type: DataType): void {
  if (value !== null && value !== undefined) builder.append(value);
  else if (type.nullable) builder.appendNull();
  else throw invalidValue(name, type, value);
}
