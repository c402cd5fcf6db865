import { type Expr, type ExprNode, serializeExpression } from '@sabot/columnar/expressions';

/** Names of the columns that an expression reads. */
export function columnsUsed(expression: Expr): ReadonlySet<string> {
  const names = new Set<string>();
  collect(serializeExpression(expression), names);
  return names;
}

/** The column that an expression is, unchanged, or undefined when it computes something. */
export function plainColumn(expression: Expr): string | undefined {
  const node = serializeExpression(expression);
  return node.op === 'column' ? node.name : undefined;
}

function collect(node: ExprNode, names: Set<string>): void {
  switch (node.op) {
    case 'column':
      names.add(node.name);
      return;
    case 'literal':
      return;
    case 'cast':
      collect(node.arg, names);
      return;
    case 'case':
      for (const branch of node.branches) for (const part of branch) collect(part, names);
      if (node.otherwise !== null) collect(node.otherwise, names);
      return;
    case 'call':
      for (const arg of node.args) collect(arg, names);
  }
}
