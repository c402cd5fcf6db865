import type { DataType } from '../../schema/data-type.js';
import type { OperationName, Register } from './operations.js';

/** Which piece of a column a load reads for a row. */
export type LoadPart =
  | 'number'
  | 'low'
  | 'high'
  | 'word0'
  | 'word1'
  | 'word2'
  | 'word3'
  | 'bit'
  | 'isNull'
  | 'start'
  | 'end'
  | 'bytes';

/** One step of a row's computation. */
export type Instruction =
  | {
      readonly kind: 'load';
      readonly part: LoadPart;
      readonly slot: number;
      readonly row: Register;
      readonly to: Register;
    }
  | {
      readonly kind: 'operation';
      readonly name: OperationName;
      readonly args: readonly Register[];
      readonly to: readonly Register[];
    }
  /** A function given by the user, called with surface values. */
  | { readonly kind: 'user'; readonly fn: Register; readonly args: readonly Register[]; readonly to: Register }
  | { readonly kind: 'set'; readonly from: Register; readonly to: Register }
  | {
      readonly kind: 'if';
      readonly condition: Register;
      readonly whenTrue: readonly Instruction[];
      readonly whenFalse: readonly Instruction[];
    }
  /** Leaves the row out. */
  | { readonly kind: 'skip' }
  /** Fails with error number `error` of the program, when the condition holds. */
  | { readonly kind: 'failIf'; readonly condition: Register; readonly error: number }
  | { readonly kind: 'store'; readonly output: number; readonly isNull: Register; readonly parts: readonly Register[] }
  | { readonly kind: 'resetText' }
  | { readonly kind: 'comment'; readonly text: string };

/** A register that is computed per row, or a constant. */
export type RegisterKind =
  | { readonly kind: 'row' }
  | { readonly kind: 'computed'; readonly holdsObject: boolean }
  /** Assigned in branches, so declared before them. */
  | { readonly kind: 'variable'; readonly holdsObject: boolean; readonly initial: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'object'; readonly value: unknown };

/** How an output column is filled. */
export interface Output {
  readonly type: DataType;
  readonly nullable: boolean;
}

/** A column's buffers as the program addresses them: an input column, or a child of one. */
export interface Slot {
  /** Input column number, then child numbers. */
  readonly path: readonly number[];
  readonly type: DataType;
}

/** A lowered pipeline: what to do for every row. */
export interface Program {
  readonly registers: readonly RegisterKind[];
  readonly slots: readonly Slot[];
  readonly outputs: readonly Output[];
  readonly instructions: readonly Instruction[];
  readonly failures: readonly (() => Error)[];
  /** Whether rows may be left out. */
  readonly filters: boolean;
}
