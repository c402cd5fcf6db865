import type { DataType } from '../../schema/data-type.js';
import type { Lowering } from '../lowering/lowering.js';
import type { Value } from '../lowering/value.js';
import type { LiteralValue } from '../node.js';

/** A function of the expression language. */
export interface FunctionDefinition {
  /** What the arguments must be, for error messages: `two numbers`. */
  readonly takes: string;
  /** The type of the result, or null when the arguments do not fit. */
  resultType(args: readonly DataType[], options: readonly LiteralValue[]): DataType | null;
  lower(lowering: Lowering, args: readonly Value[], type: DataType, options: readonly LiteralValue[]): Value;
  /** Printed between its two arguments instead of before them. */
  readonly infix?: string;
  /** Worth skipping when an `and` or `or` is already decided. */
  readonly costly?: boolean;
}

/** Nullable if any argument is. */
export function anyNullable(args: readonly DataType[]): boolean {
  return args.some((arg) => arg.nullable);
}
