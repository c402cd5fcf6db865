import { streamErrors } from '../errors.js';
import { kindOf, type Plan } from '../plan/plan.js';

/** Operator id → kind and state schema: what a checkpoint must fit. */
type Layout = Readonly<Record<string, string>>;

/** The fingerprint of a plan, in the form that stands in commit records. */
export function layoutOf(plan: Plan): string {
  const entries = plan.nodes
    .filter(({ node }) => node.kind !== 'stateless')
    .map(
      ({ id, node }) =>
        [id, `${kindOf(node)}|${node.kind === 'operator' ? (node.spec.stateSchema ?? '') : ''}`] as const,
    );
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Throws `SABOT_STREAM_LAYOUT_CHANGED` unless everything that the checkpoint keeps state of is in the plan, unchanged. */
export function assertLayout(plan: Plan, stored: string, stateful: ReadonlySet<string>): void {
  const now = JSON.parse(layoutOf(plan)) as Layout;
  const then = JSON.parse(stored) as Layout;
  for (const id of stateful) {
    const former = then[id];
    const current = now[id];
    if (former === current) continue;
    throw streamErrors.error('LAYOUT_CHANGED', {
      what: `cannot restore job "${plan.job}" from its checkpoint`,
      why:
        current === undefined
          ? `it holds state of "${id}" (${former}), which the job does not have`
          : `the state of "${id}" was ${former} and is declared as ${current} now`,
      facts: { operator: id },
    });
  }
}
