import { dateOperations } from './date-operations.js';
import { decimalOperations } from './decimal-operations.js';
import { logicOperations, numberOperations } from './number-operations.js';
import type { Operation } from './operation.js';
import { pairOperations } from './pair-operations.js';
import { textOperations } from './text-operations.js';

/** A register: its number in the program. */
export type Register = number;

/** Every operation that lowered expressions may use. */
export const OPERATIONS = {
  ...logicOperations,
  ...numberOperations,
  ...pairOperations,
  ...textOperations,
  ...dateOperations,
  ...decimalOperations,
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
