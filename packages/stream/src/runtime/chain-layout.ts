import type { PlannedNode } from '../plan/plan.js';

/** Whether a node stands at the head of a chain of its own: it has several inputs, may wait, or is an end of the graph. */
export function isChainHead(planned: PlannedNode): boolean {
  const { node } = planned;
  if (node.kind === 'source' || node.kind === 'sink') return true;
  return planned.inputs.length > 1 || (node.kind === 'operator' && node.spec.async === true);
}
