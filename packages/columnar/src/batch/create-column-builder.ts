import type { DataType } from '../schema/data-type.js';
import { layoutOf } from '../schema/layout.js';
import { BytesBuilder, DictionaryBuilder } from './bytes-builder.js';
import type { ColumnBuilder } from './column-builder.js';
import { BitsBuilder, FixedBuilder } from './fixed-builder.js';
import { ListBuilder, StructBuilder } from './nested-builder.js';

/** A builder for a type; `name` is the column's name in error messages. */
export function createColumnBuilder(name: string, type: DataType, capacity = 64): ColumnBuilder {
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed':
      return new FixedBuilder(name, type, layout, capacity);
    case 'bits':
      return new BitsBuilder(name, type);
    case 'bytes':
      return new BytesBuilder(name, type, capacity);
    case 'codes':
      return new DictionaryBuilder(name, type, capacity);
    case 'list':
      return new ListBuilder(name, type, itemBuilder(name, type), capacity);
    case 'struct':
      return new StructBuilder(name, type, fieldBuilders(name, type, capacity));
  }
}

function itemBuilder(name: string, type: DataType): ColumnBuilder {
  const item = (type as Extract<DataType, { kind: 'list' }>).item;
  return createColumnBuilder(`${name}[]`, item);
}

function fieldBuilders(name: string, type: DataType, capacity: number): ReadonlyMap<string, ColumnBuilder> {
  const { fields } = type as Extract<DataType, { kind: 'struct' }>;
  return new Map(
    Object.entries(fields).map(([field, inner]) => [field, createColumnBuilder(`${name}.${field}`, inner, capacity)]),
  );
}
