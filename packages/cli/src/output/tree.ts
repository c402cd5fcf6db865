export interface TreeNode {
  readonly label: string;
  readonly children: readonly TreeNode[];
}

/** A node and everything below it, one line each, with box characters. */
export function renderTree(node: TreeNode): string {
  return `${node.label}\n${renderChildren(node.children, '')}`;
}

function renderChildren(children: readonly TreeNode[], indent: string): string {
  return children
    .map((child, i) => {
      const isLast = i === children.length - 1;
      const below = renderChildren(child.children, `${indent}${isLast ? '   ' : '│  '}`);
      return `${indent}${isLast ? '└─ ' : '├─ '}${child.label}\n${below}`;
    })
    .join('');
}
