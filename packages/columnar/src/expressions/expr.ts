import type { DataType } from '../schema/data-type.js';
import type { ExprNode } from './node.js';

/** An expression of a known type: plain data in `node`, its result type in `type`. */
export interface Expr<T extends DataType = DataType> {
  readonly node: ExprNode;
  readonly type: T;
}

/** The fields that a record of expressions produces. */
export type ExprFields<E extends Readonly<Record<string, Expr>>> = {
  readonly [N in keyof E]: E[N] extends Expr<infer T> ? T : never;
};
