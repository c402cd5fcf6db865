import type { Bool } from '../schema/data-type.js';
import type { Expr } from './expr.js';

/**
 * One step of a pipeline: rows where a predicate is true (null counts as false), a new set of columns in the order of
 * the entries, or columns added to (or replacing) those there are.
 */
export type Step =
  | { readonly filter: Expr<Bool> }
  | { readonly select: Readonly<Record<string, Expr>> }
  | { readonly withColumns: Readonly<Record<string, Expr>> };
