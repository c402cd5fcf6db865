import type { Column } from '../../batch/column.js';
import { errors } from '../../errors.js';
import type { DataType } from '../../schema/data-type.js';
import type { FunctionDefinition } from './function-definition.js';

/** A function of the user's on whole columns. */
export interface ColumnFunction {
  readonly name: string;
  readonly returns: DataType;
  readonly fn: (columns: readonly Column[], numRows: number) => Column;
}

// Process-wide, so that the two module formats of one process see the same functions.
const registryKey = Symbol.for('sabot.columnar.columnFunctions');
const holder = globalThis as { [registryKey]?: Map<string, ColumnFunction> };

function registry(): Map<string, ColumnFunction> {
  holder[registryKey] ??= new Map();
  return holder[registryKey];
}

/** Makes a function known under its name; the last one registered counts. */
export function registerColumnFunction(definition: ColumnFunction): void {
  registry().set(definition.name, definition);
}

/** The function of a name; typing has found it before. */
export function columnFunctionNamed(name: unknown): ColumnFunction {
  const known = registry().get(name as string);
  if (known !== undefined) return known;
  throw errors.error('EXPRESSION_INVALID', {
    what: `cannot call the function "${String(name)}" over columns`,
    why: 'none of that name is defined in this process',
  });
}

export const columnFunctions = {
  columns: {
    takes: 'any values, and the name of a function over columns',
    costly: true,
    resultType: (_, [name]) => registry().get(name as string)?.returns ?? null,
    // Pipelines are cut where such a function is called: it is never part of a loop.
    lower: (_l, _args, _type, [name]) => {
      throw errors.error('EXPRESSION_INVALID', {
        what: `cannot call the function "${String(name)}" in a loop`,
        why: 'it takes whole columns',
      });
    },
  },
} satisfies Record<string, FunctionDefinition>;
