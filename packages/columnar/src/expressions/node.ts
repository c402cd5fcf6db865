import type { DataType } from '../schema/data-type.js';

/** The value of a literal in a form that JSON keeps: 64-bit integers and decimals are digits, bytes are hexadecimal. */
export type LiteralValue = string | number | boolean | null;

/**
 * An expression as plain data: it can be stored, sent, compared and printed.
 *
 * Not-a-number and infinite literals are the strings `NaN`, `Infinity` and `-Infinity`.
 */
export type ExprNode =
  | { readonly op: 'column'; readonly name: string }
  | { readonly op: 'literal'; readonly type: DataType; readonly value: LiteralValue }
  | { readonly op: 'cast'; readonly arg: ExprNode; readonly to: DataType; readonly onError: 'fail' | 'null' }
  | {
      readonly op: 'case';
      readonly branches: readonly (readonly [when: ExprNode, then: ExprNode])[];
      readonly otherwise: ExprNode | null;
    }
  | {
      readonly op: 'call';
      readonly name: string;
      readonly args: readonly ExprNode[];
      /** Parameters that are fixed when the expression is written: a unit, a pattern, a set of values. */
      readonly options?: readonly LiteralValue[];
    };
