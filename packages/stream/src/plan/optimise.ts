import type { Plan } from './plan.js';
import type { Rewrite } from './rewrite.js';
import { fuseStateless } from './rewrites/fuse-stateless.js';
import { pushColumnSelection } from './rewrites/push-column-selection.js';

/** In this order: pushing columns looks for the projection in a fused chain. */
const rewrites: readonly Rewrite[] = [fuseStateless, pushColumnSelection];

export interface OptimisedPlan {
  readonly plan: Plan;
  /** Names of the rewrites that changed something. */
  readonly applied: readonly string[];
}

/** Applies every rewrite until none changes anything. */
export function optimise(plan: Plan): OptimisedPlan {
  const applied: string[] = [];
  let current = plan;
  for (const rewrite of rewrites) {
    const before = current;
    for (let next = rewrite.apply(current); next !== current; next = rewrite.apply(current)) current = next;
    if (current !== before) applied.push(rewrite.name);
  }
  return { plan: current, applied };
}
