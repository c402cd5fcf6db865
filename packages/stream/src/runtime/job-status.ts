import type { OperatorStatus, OperatorTimes } from '../ports/live-job.js';
import type { OperatorStats } from '../ports/operator.js';
import type { OperatorMeta } from '../ports/task-decorator.js';
import type { TaskGraph } from './build-graph.js';
import type { OpenParts } from './open-parts.js';

interface Counted {
  readonly id: string;
  readonly stats: OperatorStats;
  readonly busyMs: number;
}

/** What every operator of a job has done and where its time went. */
export function operatorStatuses(graph: TaskGraph, parts: OpenParts, elapsedMs: number): readonly OperatorStatus[] {
  for (const context of parts.contexts.values()) context.watch.settle();
  const queues = new Map(graph.chains.map((chain) => [chain.parts.name, chain.parts.gate] as const));
  return countedOf(graph).map(({ id, stats, busyMs }) => {
    // Every operator of the graph has been described when it was opened.
    const { kind, chain, facts } = parts.metas.get(id) as OperatorMeta;
    const gate = queues.get(id);
    return {
      id,
      kind,
      chain,
      facts,
      stats,
      times: timesOf(busyMs, graph.outputs.get(chain)?.backpressuredMs ?? 0, elapsedMs),
      queuedElements: gate?.queuedElements ?? 0,
      queuedBytes: gate?.queuedBytes ?? 0,
    };
  });
}

/** Rows over all sources and sinks. */
export function totalsOf(graph: TaskGraph): { rowsIn: number; rowsOut: number; lateRows: number } {
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  return {
    rowsIn: sum(graph.sources.map(({ stats }) => stats.rowsOut)),
    rowsOut: sum([...graph.sinks.values()].map(({ stage }) => stage.stats.rowsIn)),
    lateRows: sum(graph.stages.map(({ stats }) => stats.lateRows)),
  };
}

function countedOf(graph: TaskGraph): readonly Counted[] {
  return [
    ...graph.sources.map((source) => ({ id: source.parts.id, stats: source.stats, busyMs: source.busyMs })),
    ...graph.stages,
    ...[...graph.sinks.values()].map(({ stage }) => stage),
  ];
}

function timesOf(busyMs: number, backpressuredMs: number, elapsedMs: number): OperatorTimes {
  const idleMs = Math.max(0, elapsedMs - busyMs - backpressuredMs);
  return { busyMs, backpressuredMs, idleMs };
}
