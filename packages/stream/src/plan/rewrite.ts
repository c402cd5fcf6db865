import type { Plan } from './plan.js';

/** One improvement of a plan that does not change what it computes. */
export interface Rewrite {
  readonly name: string;
  /** The improved plan, or the very same object when there is nothing to do. */
  apply(plan: Plan): Plan;
}
