import type { Plan, PlannedNode } from '../plan.js';
import type { StatelessNode } from '../plan-node.js';
import type { Rewrite } from '../rewrite.js';

/** Two stateless nodes in a row, the first read by nobody else, become one: one compiled loop instead of two. */
export const fuseStateless: Rewrite = {
  name: 'fuse-stateless',
  apply(plan) {
    for (const second of plan.nodes) {
      const first = fusable(plan, second);
      if (first !== undefined) return fused(plan, first, second);
    }
    return plan;
  },
};

function fusable(plan: Plan, second: PlannedNode): PlannedNode | undefined {
  if (second.node.kind !== 'stateless') return undefined;
  const from = second.inputs[0]?.from;
  const first = plan.nodes.find((candidate) => candidate.id === from);
  if (first?.node.kind !== 'stateless') return undefined;
  return readersOf(plan, first.id) === 1 ? first : undefined;
}

function readersOf(plan: Plan, id: string): number {
  return plan.nodes.reduce((sum, { inputs }) => sum + inputs.filter((input) => input.from === id).length, 0);
}

function fused(plan: Plan, first: PlannedNode, second: PlannedNode): Plan {
  const upper = first.node as StatelessNode;
  const lower = second.node as StatelessNode;
  const names = [upper.name, lower.name].filter((name) => name !== undefined);
  const id = names.length === 2 ? `${first.id}+${second.id}` : (names[0] ?? second.id);
  const node: StatelessNode = {
    kind: 'stateless',
    name: names.length === 0 ? undefined : id,
    outputs: lower.outputs,
    input: upper.input,
    steps: [...upper.steps, ...lower.steps],
  };
  const renamed = (from: string) => (from === second.id ? id : from);
  const nodes = plan.nodes
    .filter((planned) => planned !== first)
    .map((planned) =>
      planned === second
        ? { id, node, inputs: first.inputs }
        : { ...planned, inputs: planned.inputs.map((input) => ({ ...input, from: renamed(input.from) })) },
    );
  return { job: plan.job, nodes };
}
