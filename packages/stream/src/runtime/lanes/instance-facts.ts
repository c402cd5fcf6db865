import type { OperatorStats } from '../../ports/operator.js';
import type { TaskGraph } from '../build-graph.js';
import type { ChannelStanding } from '../input-gate.js';
import type { Holding } from '../memory-budget.js';
import type { OpenParts } from '../open-parts.js';

/** Where a split of a source stands. */
export interface SplitStanding {
  readonly id: string;
  readonly watermarkMs: number;
  readonly idle: boolean;
}

/** What is known of one instance: read on its own thread, reported to the main one. Plain values, so that it can travel. */
export interface InstanceFacts {
  readonly instance: string;
  readonly stats: OperatorStats;
  readonly busyMs: number;
  readonly backpressuredMs: number;
  readonly queuedElements: number;
  readonly queuedBytes: number;
  /** What it holds: state, what waits in front of it, a source's batches at hand. */
  readonly memoryBytes: number;
  /** Of the gate in front of it; undefined inside a chain. */
  readonly standings: readonly ChannelStanding[] | undefined;
  /** Of a source. */
  readonly splits: readonly SplitStanding[] | undefined;
}

/** The facts of every instance on this thread; `stats` are the live objects. */
export function factsOf(graph: TaskGraph, parts: OpenParts): readonly InstanceFacts[] {
  for (const context of parts.contexts.values()) context.watch.settle();
  const gates = new Map(graph.chains.map((chain) => [chain.parts.name, chain.parts.gate] as const));
  const blocked = (chain: string) => graph.outputs.get(chain)?.backpressuredMs ?? 0;
  const sources = graph.sources.map((source) => ({
    instance: source.parts.id,
    stats: source.stats,
    busyMs: source.busyMs,
    backpressuredMs: blocked(source.parts.id),
    queuedElements: 0,
    queuedBytes: 0,
    memoryBytes: source.heldBytes,
    standings: undefined,
    splits: source.splits,
  }));
  const stages = [...graph.stages, ...[...graph.sinks.values()].map(({ stage }) => stage)];
  return [
    ...sources,
    ...stages.map(({ id, chain, stats, busyMs, heldBytes }) => ({
      instance: id,
      stats,
      busyMs,
      backpressuredMs: blocked(chain),
      queuedElements: gates.get(id)?.queuedElements ?? 0,
      queuedBytes: gates.get(id)?.queuedBytes ?? 0,
      memoryBytes: heldBytes + (gates.get(id)?.queuedBytes ?? 0),
      standings: gates.get(id)?.standings,
      splits: undefined,
    })),
  ];
}

/** What every instance on this thread holds in memory. */
export function holdingsOf(graph: TaskGraph): readonly Holding[] {
  return [
    ...graph.sources.map((source) => ({ instance: source.parts.id, bytes: source.heldBytes })),
    ...graph.stages.map((stage) => ({ instance: stage.id, bytes: stage.heldBytes })),
    ...graph.chains.map(({ parts }) => ({ instance: parts.name, bytes: parts.gate.queuedBytes })),
  ];
}
