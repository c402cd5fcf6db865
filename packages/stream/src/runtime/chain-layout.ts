import type { Plan, PlannedNode } from '../plan/plan.js';

/** Whether a node stands at the head of a chain of its own: it has several inputs, may wait, or is an end of the graph. */
export function isChainHead(planned: PlannedNode): boolean {
  const { node } = planned;
  if (node.kind === 'source' || node.kind === 'sink') return true;
  return planned.inputs.length > 1 || (node.kind === 'operator' && node.spec.async === true);
}

/** Node id → the id of its chain's head, after which the chain is named. */
export function chainsOf(plan: Plan): ReadonlyMap<string, string> {
  const chains = new Map<string, string>();
  for (const planned of plan.nodes) {
    const upstream = planned.inputs[0];
    const joined = isChainHead(planned) || upstream === undefined ? planned.id : chains.get(upstream.from);
    chains.set(planned.id, joined ?? planned.id);
  }
  return chains;
}
