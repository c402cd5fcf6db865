import { kindOf, type Plan, type PlannedNode } from '../plan/plan.js';
import type { OperatorStatus, OperatorTimes } from '../ports/live-job.js';
import type { OperatorStats } from '../ports/operator.js';
import type { InstanceFacts } from './lanes/instance-facts.js';
import { type LanePlan, nodeIdOf, type Placement } from './lanes/lane-plan.js';

/** What every operator of a job has done and where its time went, summed over its instances. */
export function operatorStatuses(
  plan: LanePlan,
  facts: readonly InstanceFacts[],
  elapsedMs: number,
): readonly OperatorStatus[] {
  const byNode = groupByNode(facts);
  return plan.plan.nodes.map((planned) => {
    const instances = byNode.get(planned.id) ?? [];
    const { node } = planned;
    return {
      id: planned.id,
      kind: kindOf(node),
      chain: chainOf(plan, planned),
      facts: node.kind === 'operator' ? (node.spec.facts ?? {}) : {},
      stats: summedStats(instances.map(({ stats }) => stats)),
      times: timesOf(instances, elapsedMs),
      queuedElements: sum(instances.map(({ queuedElements }) => queuedElements)),
      queuedBytes: sum(instances.map(({ queuedBytes }) => queuedBytes)),
      memoryBytes: sum(instances.map(({ memoryBytes }) => memoryBytes)),
    };
  });
}

/** Rows over all sources and sinks. */
export function totalsOf(
  { nodes }: Plan,
  facts: readonly InstanceFacts[],
): { rowsIn: number; rowsOut: number; lateRows: number } {
  const kinds = new Map(nodes.map(({ id, node }) => [id, node.kind] as const));
  const total = (wanted: (kind: string) => boolean, read: (stats: OperatorStats) => number) =>
    sum(facts.flatMap(({ instance, stats }) => (wanted(kinds.get(nodeIdOf(instance)) ?? '') ? [read(stats)] : [])));
  return {
    rowsIn: total(
      (kind) => kind === 'source',
      ({ rowsOut }) => rowsOut,
    ),
    rowsOut: total(
      (kind) => kind === 'sink',
      ({ rowsIn }) => rowsIn,
    ),
    lateRows: total(
      (kind) => kind !== 'source' && kind !== 'sink',
      ({ lateRows }) => lateRows,
    ),
  };
}

/** The instances' facts by the node that they are of. */
export function groupByNode(facts: readonly InstanceFacts[]): ReadonlyMap<string, readonly InstanceFacts[]> {
  const byNode = new Map<string, InstanceFacts[]>();
  for (const fact of facts) {
    const id = nodeIdOf(fact.instance);
    const known = byNode.get(id);
    if (known === undefined) byNode.set(id, [fact]);
    else known.push(fact);
  }
  return byNode;
}

function chainOf(plan: LanePlan, { id }: PlannedNode): string {
  return nodeIdOf((plan.placements.get(id) as Placement).instances[0]?.chain ?? id);
}

/** The one live object, or an object that sums up several each time it is read; of watermarks, the earliest. */
function summedStats(all: readonly OperatorStats[]): OperatorStats {
  const [first] = all;
  if (first === undefined || all.length === 1) return first as OperatorStats;
  const summed = {};
  for (const name of Object.keys(first) as (keyof OperatorStats)[]) {
    const get = name.endsWith('WatermarkMs')
      ? () => Math.min(...all.map((stats) => stats[name]))
      : () => sum(all.map((stats) => stats[name] ?? 0));
    Object.defineProperty(summed, name, { enumerable: true, get });
  }
  return summed as OperatorStats;
}

/** The mean over the instances, each of which accounts for all of the elapsed time. */
function timesOf(instances: readonly InstanceFacts[], elapsedMs: number): OperatorTimes {
  const count = Math.max(1, instances.length);
  // Waiting for its own work and for room behind it may overlap in an asynchronous operator: work counts first.
  const busyMs = sum(instances.map((facts) => Math.min(elapsedMs, facts.busyMs))) / count;
  const blockedMs = sum(instances.map((facts) => Math.min(elapsedMs, facts.backpressuredMs))) / count;
  const backpressuredMs = Math.min(blockedMs, elapsedMs - busyMs);
  return { busyMs, backpressuredMs, idleMs: elapsedMs - busyMs - backpressuredMs };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
