import { streamErrors } from '../errors.js';
import { inputsOf, type PlanNode, type SinkNode } from './plan-node.js';

/** Where a planned node reads from. */
export interface PlannedInput {
  readonly from: string;
  readonly port: number;
}

/** A node of a job with its stable id. */
export interface PlannedNode {
  readonly id: string;
  readonly node: PlanNode;
  readonly inputs: readonly PlannedInput[];
}

/** A job's nodes, inputs before those that read them. */
export interface Plan {
  readonly job: string;
  readonly nodes: readonly PlannedNode[];
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;

/**
 * Collects what the sinks need and gives every node its id: the user's name, else a path from its first input's id.
 * Fails with `SABOT_STREAM_PLAN_INVALID` or `…_DUPLICATE_ID`.
 */
export function planOf(job: string, sinks: readonly SinkNode[]): Plan {
  requireName('job', job);
  if (sinks.length === 0) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot define job "${job}"`,
      why: 'it has no sink, so nothing would run',
      remedy: 'Give the job at least one `stream.to(sink)`.',
    });
  }
  const ids = new Map<PlanNode, string>();
  const taken = namesOf(sinks);
  const nodes: PlannedNode[] = [];
  const visit = (node: PlanNode): string => {
    const known = ids.get(node);
    if (known !== undefined) return known;
    const inputs = inputsOf(node).map((edge) => ({ from: visit(edge.node), port: edge.port }));
    const id = node.name ?? derivedId(node, inputs[0]?.from, taken);
    ids.set(node, id);
    nodes.push({ id, node, inputs });
    return id;
  };
  for (const sink of sinks) visit(sink);
  return { job, nodes };
}

/** Throws unless the name can be an id: it stands in file names and labels. */
export function requireName(what: string, name: string): void {
  if (NAME.test(name)) return;
  throw streamErrors.error('PLAN_INVALID', {
    what: `cannot use "${name}" as the name of a ${what}`,
    why: 'names are up to 100 letters, digits and `.`, `_`, `/`, `-`, beginning with a letter or digit',
  });
}

/** Every name given in the graph above the sinks; each belongs to one node. */
function namesOf(sinks: readonly SinkNode[]): Set<string> {
  const names = new Set<string>();
  const seen = new Set<PlanNode>();
  const visit = (node: PlanNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.name !== undefined) {
      requireName(node.kind, node.name);
      if (names.has(node.name)) {
        throw streamErrors.error('DUPLICATE_ID', {
          what: `cannot name two operators "${node.name}"`,
          why: 'names are the ids under which state and positions are kept',
          facts: { name: node.name },
        });
      }
      names.add(node.name);
    }
    for (const edge of inputsOf(node)) visit(edge.node);
  };
  for (const sink of sinks) visit(sink);
  return names;
}

function derivedId(node: PlanNode, input: string | undefined, taken: Set<string>): string {
  const step = kindOf(node);
  const base = input === undefined ? step : `${input}/${step}`;
  for (let ordinal = 1; ; ordinal++) {
    const id = ordinal === 1 ? base : `${base}-${ordinal}`;
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

/** What decorators and `explain` call the node. */
export function kindOf(node: PlanNode): string {
  return node.kind === 'operator' ? node.spec.kind : node.kind;
}
