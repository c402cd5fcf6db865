import type { DataType } from '../../schema/data-type.js';
import { layoutOf } from '../../schema/layout.js';
import type { Register } from './operations.js';
import { type ProgramBuilder, ROW } from './program-builder.js';

/**
 * A value of one row in registers.
 *
 * `parts`: one number (or bool) · low and high word · four words · bytes, start, end · for lists and structs none:
 * they stay where they are, in row `row` of slot `slot`. A list that `split` makes is the string and the separator.
 */
export interface Value {
  readonly type: DataType;
  readonly isNull: Register;
  readonly parts: readonly Register[];
  readonly place?: { readonly path: readonly number[]; readonly row: Register };
}

/** How values of a type are held in registers. */
export type ValueShape = 'number' | 'bool' | 'pair' | 'quad' | 'text' | 'place';

export function shapeOf(type: DataType): ValueShape {
  const layout = layoutOf(type);
  switch (layout.shape) {
    case 'fixed':
      return layout.width === 1 ? 'number' : layout.width === 2 ? 'pair' : 'quad';
    case 'bits':
      return 'bool';
    case 'bytes':
    case 'codes':
      return 'text';
    default:
      return 'place';
  }
}

/** Which columns hold nulls in the batch at hand: the key decides which variant of a program is used. */
export type HasNulls = (path: readonly number[]) => boolean;

/** Loads the value of a row of an input column or of a child of one. */
export function loadValue(
  builder: ProgramBuilder,
  type: DataType,
  path: readonly number[],
  hasNulls: HasNulls,
  row: Register = ROW,
): Value {
  const slot = builder.slot(path, type);
  const isNull = hasNulls(path) ? builder.load(slot, 'isNull', row) : builder.constant(0);
  const part = (name: Parameters<ProgramBuilder['load']>[1]): Register => builder.load(slot, name, row);
  switch (shapeOf(type)) {
    case 'number':
      return { type, isNull, parts: [part('number')] };
    case 'bool':
      return { type, isNull, parts: [part('bit')] };
    case 'pair':
      return { type, isNull, parts: [part('low'), part('high')] };
    case 'quad':
      return { type, isNull, parts: [part('word0'), part('word1'), part('word2'), part('word3')] };
    case 'place':
      return { type, isNull, parts: [], place: { path, row } };
    case 'text': {
      if (type.kind !== 'dictionary') return { type, isNull, parts: [part('bytes'), part('start'), part('end')] };
      const words = builder.slot([...path, 0], { kind: 'utf8', nullable: false });
      const code = part('number');
      const parts = (['bytes', 'start', 'end'] as const).map((name) => builder.load(words, name, code));
      return { type, isNull, parts };
    }
  }
}
