import { streamErrors } from '../errors.js';
import type { Plan, PlannedNode } from '../plan/plan.js';
import type { OperatorStats } from '../ports/operator.js';
import type { WatermarkExplanation, WatermarkHold } from '../ports/watermark-explanation.js';
import type { TaskGraph } from './build-graph.js';

/** Where one input of an operator, or one split of a source, stands. */
interface Standing {
  readonly watermarkMs: number;
  readonly idle: boolean;
}

/**
 * Follows the watermark of an operator upstream, along the input that is behind the others, to what holds it back.
 * Fails with `SABOT_STREAM_PLAN_INVALID` for an operator that the job does not have.
 */
export function explainWatermark(
  plan: Plan,
  graph: TaskGraph,
  operator: string,
  windowEndMs: number | undefined,
): WatermarkExplanation {
  const search = new HoldSearch(plan, graph);
  const watermarkMs = search.seenBy(operator);
  const passed = watermarkMs >= (windowEndMs ?? Number.POSITIVE_INFINITY);
  const heldBackBy = passed ? undefined : search.from(operator);
  const path = passed ? [operator] : search.path;
  return {
    operator,
    watermarkMs,
    heldBackBy,
    path,
    sentence: sentenceOf(operator, watermarkMs, windowEndMs, heldBackBy),
  };
}

/** What there is to say when nothing runs any more. */
export function explainEnded(operator: string): WatermarkExplanation {
  const watermarkMs = Number.POSITIVE_INFINITY;
  const sentence = sentenceOf(operator, watermarkMs, undefined, undefined);
  return { operator, watermarkMs, heldBackBy: undefined, path: [operator], sentence };
}

class HoldSearch {
  readonly path: string[] = [];
  private readonly graph: TaskGraph;
  private readonly nodes: ReadonlyMap<string, PlannedNode>;
  private readonly stats: ReadonlyMap<string, OperatorStats>;

  constructor(plan: Plan, graph: TaskGraph) {
    this.graph = graph;
    this.nodes = new Map(plan.nodes.map((planned) => [planned.id, planned] as const));
    this.stats = new Map([
      ...graph.sources.map(({ parts, stats }) => [parts.id, stats] as const),
      ...graph.stages.map(({ id, stats }) => [id, stats] as const),
      ...[...graph.sinks].map(([id, { stage }]) => [id, stage.stats] as const),
    ]);
  }

  /** The watermark that has reached an operator; of a source, the one it has given. */
  seenBy(id: string): number {
    const { node } = this.nodeOf(id);
    const stats = this.stats.get(id) as OperatorStats;
    return node.kind === 'source' ? stats.outputWatermarkMs : stats.inputWatermarkMs;
  }

  from(id: string): WatermarkHold {
    this.path.push(id);
    const { node, inputs } = this.nodeOf(id);
    if (node.kind === 'source') return this.splitOf(id);
    const standings = this.inputsOf(id);
    const input = furthestBehind(standings);
    const upstream = inputs[input]?.from as string;
    const given = this.stats.get(upstream) as OperatorStats;
    const { watermarkMs } = standings[input] as Standing;
    if (given.outputWatermarkMs > watermarkMs) return { cause: 'queue', operator: id, split: undefined, watermarkMs };
    if (this.nodeOf(upstream).node.kind !== 'source' && given.outputWatermarkMs < given.inputWatermarkMs) {
      this.path.push(upstream);
      return { cause: 'operator', operator: upstream, split: undefined, watermarkMs: given.outputWatermarkMs };
    }
    return this.from(upstream);
  }

  private splitOf(id: string): WatermarkHold {
    const source = this.graph.sources.find(({ parts }) => parts.id === id) as TaskGraph['sources'][number];
    const untimed = source.parts.node.watermark === undefined;
    const splits = source.splits;
    const split = splits[furthestBehind(splits)];
    const cause = untimed ? 'untimed' : split?.idle === true ? 'idle' : 'split';
    return { cause, operator: id, split: split?.id, watermarkMs: split?.watermarkMs ?? Number.NEGATIVE_INFINITY };
  }

  /** As the gate in front of a chain sees them; inside a chain there is one input, which hands on at once. */
  private inputsOf(id: string): readonly Standing[] {
    const gate = this.graph.chains.find(({ parts }) => parts.name === id)?.parts.gate;
    return gate?.standings ?? [{ watermarkMs: this.seenBy(id), idle: false }];
  }

  private nodeOf(id: string): PlannedNode {
    const planned = this.nodes.get(id);
    if (planned !== undefined) return planned;
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot explain the watermark of "${id}"`,
      why: 'the job has no operator of that name',
      remedy: `Ask for one of: ${[...this.nodes.keys()].join(', ')}.`,
    });
  }
}

/** The one whose time counts: the earliest that is neither idle nor ended; else an idle one; else the first. */
function furthestBehind(standings: readonly Standing[]): number {
  let found = 0;
  let foundRank = Number.POSITIVE_INFINITY;
  for (const [index, { watermarkMs, idle }] of standings.entries()) {
    const rank = watermarkMs === Number.POSITIVE_INFINITY ? 2 : idle ? 1 : 0;
    const behind = rank === foundRank && watermarkMs < (standings[found]?.watermarkMs as number);
    if (rank >= foundRank && !behind) continue;
    found = index;
    foundRank = rank;
  }
  return found;
}

function sentenceOf(
  operator: string,
  watermarkMs: number,
  windowEndMs: number | undefined,
  hold: WatermarkHold | undefined,
): string {
  const stands = `Operator "${operator}" is at ${timeText(watermarkMs)}`;
  const window = windowEndMs === undefined ? '' : ` its window that ends at ${timeText(windowEndMs)}`;
  if (hold === undefined) return `${stands}${window === '' ? '' : `, past${window}`}: nothing holds it back.`;
  return `${stands}${window === '' ? '' : `, before${window} may come out`}: ${reasonText(hold)}.`;
}

function reasonText({ cause, operator, split, watermarkMs }: WatermarkHold): string {
  switch (cause) {
    case 'split':
      return watermarkMs === Number.NEGATIVE_INFINITY
        ? `split "${split}" of source "${operator}" has not given any row`
        : `split "${split}" of source "${operator}" has only come to ${timeText(watermarkMs)}`;
    case 'idle':
      return `split "${split}" of source "${operator}" is idle, and no other moves time on`;
    case 'untimed':
      return `source "${operator}" is read without event time`;
    case 'operator':
      return `operator "${operator}" itself has only passed on ${timeText(watermarkMs)}`;
    case 'queue':
      return `more has arrived at operator "${operator}" than it has worked off, which is up to ${timeText(watermarkMs)}`;
  }
}

function timeText(timeMs: number): string {
  if (timeMs === Number.NEGATIVE_INFINITY) return 'no time yet';
  if (timeMs === Number.POSITIVE_INFINITY) return 'the end of time';
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : `${timeMs} ms`;
}
