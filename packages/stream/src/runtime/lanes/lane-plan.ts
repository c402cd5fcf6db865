import type { Distribution } from '../../plan/operator-spec.js';
import type { Plan, PlannedNode } from '../../plan/plan.js';
import { isChainHead } from '../chain-layout.js';

/** How rows come to the instances of a node along one of its inputs. */
export type Route =
  /** From the instance in the same lane, in place. */
  | { readonly kind: 'forward' }
  /** To the lane that their key belongs to. */
  | { readonly kind: 'keyed'; readonly columns: readonly string[] }
  /** To every lane. */
  | { readonly kind: 'broadcast' }
  /** From all lanes to the one instance. */
  | { readonly kind: 'gather' };

/** One instance of a node: what runs in one lane. */
export interface NodeInstance {
  /** The node's id, with `@lane` behind it where there is one in every lane. State is kept under it. */
  readonly id: string;
  readonly lane: number;
  /** Id of the instance at the head of its chain. */
  readonly chain: string;
}

/** Where a node of the plan runs. */
export interface Placement {
  readonly planned: PlannedNode;
  /** Ascending lanes. */
  readonly instances: readonly NodeInstance[];
  /** By input. */
  readonly routes: readonly Route[];
  /** Whether each instance stands at the head of a chain of its own. */
  readonly heads: boolean;
}

/** A plan spread over the lanes of a job; inputs before those that read them. */
export interface LanePlan {
  readonly plan: Plan;
  readonly lanes: number;
  readonly placements: ReadonlyMap<string, Placement>;
  /** How many instances there are in all. */
  readonly instances: number;
}

/** Spreads a plan: sources and what follows them in every lane, keyed operators by key, everything else in lane 0. */
export function placeOnLanes(plan: Plan, lanes: number): LanePlan {
  const placements = new Map<string, Placement>();
  let instances = 0;
  for (const planned of plan.nodes) {
    const placement = place(planned, lanes, placements);
    placements.set(planned.id, placement);
    instances += placement.instances.length;
  }
  return { plan, lanes, placements, instances };
}

/** The node that an instance is of. */
export function nodeIdOf(instance: string): string {
  const at = instance.lastIndexOf('@');
  return at < 0 ? instance : instance.slice(0, at);
}

function place(planned: PlannedNode, lanes: number, above: ReadonlyMap<string, Placement>): Placement {
  const spread = lanes > 1 && isSpread(planned, above);
  const routes = planned.inputs.map(({ from }, input) =>
    lanes === 1 ? FORWARD : routeOf(planned, input, spread, (above.get(from) as Placement).instances.length > 1),
  );
  const heads = isChainHead(planned) || routes.some(({ kind }) => kind !== 'forward');
  const instances = Array.from({ length: spread ? lanes : 1 }, (_, lane) => {
    const id = spread ? `${planned.id}@${lane}` : planned.id;
    return { id, lane, chain: heads ? id : chainAbove(planned, lane, above) };
  });
  return { planned, instances, routes, heads };
}

const FORWARD: Route = { kind: 'forward' };

function isSpread(planned: PlannedNode, above: ReadonlyMap<string, Placement>): boolean {
  if (planned.node.kind === 'source') return true;
  const distribution = distributionOf(planned);
  if (distribution === 'single') return false;
  if (distribution !== 'local') return true;
  return planned.inputs.some(({ from }) => (above.get(from) as Placement).instances.length > 1);
}

function routeOf(planned: PlannedNode, input: number, spread: boolean, spreadAbove: boolean): Route {
  const distribution = distributionOf(planned);
  if (typeof distribution === 'string') return !spread && spreadAbove ? { kind: 'gather' } : FORWARD;
  const columns = distribution.keyedBy[input];
  return columns === undefined || columns === 'broadcast' ? { kind: 'broadcast' } : { kind: 'keyed', columns };
}

function distributionOf({ node }: PlannedNode): Distribution {
  if (node.kind === 'operator') return node.spec.distribution ?? 'single';
  return node.kind === 'sink' ? 'single' : 'local';
}

function chainAbove(planned: PlannedNode, lane: number, above: ReadonlyMap<string, Placement>): string {
  const producer = above.get(planned.inputs[0]?.from ?? '');
  return (instanceIn(producer, lane) as NodeInstance).chain;
}

/** The instance of a node in a lane, if it has one there. */
export function instanceIn(placement: Placement | undefined, lane: number): NodeInstance | undefined {
  return placement?.instances.find((instance) => instance.lane === lane);
}
