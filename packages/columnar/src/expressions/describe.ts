import { describeType } from '../schema/define-schema.js';
import { functionNamed } from './functions/registry.js';
import type { ExprNode } from './node.js';

/** An expression as one line of SQL-like text; names that are not plain words are quoted. */
export function describeNode(node: ExprNode): string {
  switch (node.op) {
    case 'column':
      return /^[A-Za-z_]\w*$/.test(node.name) ? node.name : JSON.stringify(node.name);
    case 'literal':
      return describeLiteral(node);
    case 'cast':
      return `${node.onError === 'null' ? 'try_cast' : 'cast'}(${describeNode(node.arg)} as ${describeType(node.to)})`;
    case 'case': {
      const branches = node.branches.map(([when, then]) => `when ${describeNode(when)} then ${describeNode(then)}`);
      const otherwise = node.otherwise === null ? '' : ` else ${describeNode(node.otherwise)}`;
      return `case ${branches.join(' ')}${otherwise} end`;
    }
    case 'call':
      return describeCall(node);
  }
}

function describeCall(node: Extract<ExprNode, { op: 'call' }>): string {
  const infix = functionNamed(node.name)?.infix;
  const args = node.args.map(describeNode);
  if (infix !== undefined && args.length === 2) return `(${args[0]} ${infix} ${args[1]})`;
  const options = (node.options ?? []).map((option) => JSON.stringify(option));
  return `${node.name}(${[...args, ...options].join(', ')})`;
}

function describeLiteral(node: Extract<ExprNode, { op: 'literal' }>): string {
  if (node.value === null) return `null::${describeType(node.type)}`;
  if (node.type.kind === 'utf8') return `'${String(node.value).replaceAll("'", "''")}'`;
  return String(node.value);
}
