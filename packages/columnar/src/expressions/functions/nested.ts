import type { DataType, List, Struct } from '../../schema/data-type.js';
import { int32, withNullability } from '../../schema/types.js';
import type { Value } from '../lowering/value.js';
import type { FunctionDefinition } from './function-definition.js';

/**
 * Access into structs and lists. They read children in place, which needs to know which children hold nulls: the
 * lowering of `field` and `at` stands in lower-node.ts, where that is known; here are their types.
 */
export function fieldResult(arg: DataType | undefined, name: unknown): DataType | null {
  if (arg?.kind !== 'struct' || typeof name !== 'string') return null;
  const { fields } = arg as Struct;
  if (!Object.hasOwn(fields, name)) return null;
  const type = fields[name] as DataType;
  return withNullability(type, type.nullable || arg.nullable);
}

/** The type of item `index` of a list, null where the list is shorter. */
export function itemResult(arg: DataType | undefined, index: unknown): DataType | null {
  if (arg?.kind !== 'list' || !Number.isInteger(index)) return null;
  return withNullability((arg as List).item, true);
}

export const nestedFunctions = {
  listLength: {
    takes: 'a list',
    resultType: ([arg]) => (arg?.kind === 'list' ? withNullability(int32(), arg.nullable) : null),
    lower: (l, [arg], type) => {
      const { place, isNull, parts } = arg as Value;
      if (place === undefined) return { type, isNull, parts: [l.builder.operation('pieceCount', ...parts)] };
      const { path, row } = place;
      const slot = l.builder.slot(path, (arg as Value).type);
      const start = l.builder.load(slot, 'start', row);
      return { type, isNull, parts: [l.builder.operation('sub', l.builder.load(slot, 'end', row), start)] };
    },
  },
} satisfies Record<string, FunctionDefinition>;
