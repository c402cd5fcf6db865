import type { DataType } from '../../schema/data-type.js';
import { list, utf8, withNullability } from '../../schema/types.js';
import { anyNullable, type FunctionDefinition } from './function-definition.js';

const isText = (type: DataType): boolean => type.kind === 'utf8' || type.kind === 'dictionary';

/**
 * A string cut at a separator, as a list. In registers it stays what it is made of, the string and the separator: items
 * and the length are found there, and a list is made only where it becomes a column.
 */
export const splitFunctions = {
  split: {
    takes: 'two strings',
    costly: true,
    resultType: (args) =>
      args.length === 2 && args.every(isText) ? withNullability(list(utf8()), anyNullable(args)) : null,
    lower: (l, args, type) =>
      l.strict(
        type,
        args,
        args.flatMap((arg) => arg.parts),
      ),
  },
} satisfies Record<string, FunctionDefinition>;
