import { arithmeticFunctions } from './arithmetic.js';
import { columnFunctions } from './columns.js';
import { comparisonFunctions } from './comparison.js';
import type { FunctionDefinition } from './function-definition.js';
import { hashFunctions } from './hash.js';
import { logicFunctions } from './logic.js';
import { nestedFunctions } from './nested.js';
import { splitFunctions } from './split.js';
import { textFunctions } from './text.js';
import { timeFunctions } from './time.js';
import { userFunctions } from './user.js';

const functions: ReadonlyMap<string, FunctionDefinition> = new Map<string, FunctionDefinition>(
  Object.entries({
    ...arithmeticFunctions,
    ...comparisonFunctions,
    ...logicFunctions,
    ...textFunctions,
    ...splitFunctions,
    ...timeFunctions,
    ...nestedFunctions,
    ...hashFunctions,
    ...userFunctions,
    ...columnFunctions,
  }),
);

/** The definition of a function by its name in expressions, or undefined. */
export function functionNamed(name: string): FunctionDefinition | undefined {
  return functions.get(name);
}

/** The names of all functions, except those that stand in the lowering: `coalesce`, `field`, `at`. */
export function functionNames(): readonly string[] {
  return [...functions.keys()];
}
