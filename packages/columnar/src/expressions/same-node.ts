import { sameType } from '../schema/define-schema.js';
import type { ExprNode } from './node.js';

/** Whether two expressions are written alike: equal results on every batch; the reverse does not hold. */
export function sameNode(a: ExprNode, b: ExprNode): boolean {
  if (a === b) return true;
  if (a.op === 'column') return b.op === 'column' && a.name === b.name;
  if (a.op === 'literal') return b.op === 'literal' && a.value === b.value && sameType(a.type, b.type);
  if (a.op === 'cast') {
    return b.op === 'cast' && a.onError === b.onError && sameType(a.to, b.to) && sameNode(a.arg, b.arg);
  }
  if (a.op === 'case') {
    if (b.op !== 'case' || (a.otherwise === null) !== (b.otherwise === null)) return false;
    const same = sameNodes(a.branches.flat(), b.branches.flat());
    return same && (a.otherwise === null || b.otherwise === null || sameNode(a.otherwise, b.otherwise));
  }
  if (b.op !== 'call' || a.name !== b.name || !sameNodes(a.args, b.args)) return false;
  const [x, y] = [a.options ?? [], b.options ?? []];
  return x.length === y.length && x.every((option, i) => option === y[i]);
}

function sameNodes(a: readonly ExprNode[], b: readonly ExprNode[]): boolean {
  return a.length === b.length && a.every((node, i) => sameNode(node, b[i] as ExprNode));
}
