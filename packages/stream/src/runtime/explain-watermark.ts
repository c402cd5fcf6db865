import { streamErrors } from '../errors.js';
import type { Plan, PlannedNode } from '../plan/plan.js';
import type { WatermarkExplanation, WatermarkHold } from '../ports/watermark-explanation.js';
import type { ChannelStanding } from './input-gate.js';
import { groupByNode } from './job-status.js';
import type { InstanceFacts } from './lanes/instance-facts.js';
import { nodeIdOf } from './lanes/lane-plan.js';

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
  facts: readonly InstanceFacts[],
  operator: string,
  windowEndMs: number | undefined,
): WatermarkExplanation {
  const search = new HoldSearch(plan, facts);
  const instance = search.behind(operator);
  const watermarkMs = search.seenBy(instance);
  const passed = watermarkMs >= (windowEndMs ?? Number.POSITIVE_INFINITY);
  const heldBackBy = passed ? undefined : search.from(instance);
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

/** Follows instances; what it finds is told of the nodes that they are of. */
class HoldSearch {
  readonly path: string[] = [];
  private readonly nodes: ReadonlyMap<string, PlannedNode>;
  private readonly facts: ReadonlyMap<string, InstanceFacts>;
  private readonly byNode: ReadonlyMap<string, readonly InstanceFacts[]>;

  constructor(plan: Plan, facts: readonly InstanceFacts[]) {
    this.nodes = new Map(plan.nodes.map((planned) => [planned.id, planned] as const));
    this.facts = new Map(facts.map((fact) => [fact.instance, fact] as const));
    this.byNode = groupByNode(facts);
  }

  /** The instance of an operator that has come least far. */
  behind(id: string): string {
    this.nodeOf(id);
    const instances = (this.byNode.get(id) ?? []).map(({ instance }) => instance);
    return instances.reduce((least, instance) => (this.seenBy(instance) < this.seenBy(least) ? instance : least));
  }

  /** The watermark that has reached an instance; of a source, the one it has given. */
  seenBy(instance: string): number {
    const { stats } = this.factsOf(instance);
    return this.isSource(instance) ? stats.outputWatermarkMs : stats.inputWatermarkMs;
  }

  from(instance: string): WatermarkHold {
    const operator = nodeIdOf(instance);
    this.path.push(operator);
    if (this.isSource(instance)) return this.splitOf(instance);
    const standings = this.inputsOf(instance);
    const { watermarkMs, from: upstream } = standings[furthestBehind(standings)] as ChannelStanding;
    const given = this.factsOf(upstream).stats;
    if (given.outputWatermarkMs > watermarkMs) return { cause: 'queue', operator, split: undefined, watermarkMs };
    if (!this.isSource(upstream) && given.outputWatermarkMs < given.inputWatermarkMs) {
      this.path.push(nodeIdOf(upstream));
      const passedOnMs = given.outputWatermarkMs;
      return { cause: 'operator', operator: nodeIdOf(upstream), split: undefined, watermarkMs: passedOnMs };
    }
    return this.from(upstream);
  }

  private splitOf(instance: string): WatermarkHold {
    const operator = nodeIdOf(instance);
    const { node } = this.nodeOf(operator);
    const untimed = node.kind === 'source' && node.watermark === undefined;
    const splits = this.factsOf(instance).splits ?? [];
    const split = splits[furthestBehind(splits)];
    const cause = untimed ? 'untimed' : split?.idle === true ? 'idle' : 'split';
    return { cause, operator, split: split?.id, watermarkMs: split?.watermarkMs ?? Number.NEGATIVE_INFINITY };
  }

  /** As the gate in front of a chain sees them; inside a chain there is one input, which hands on at once. */
  private inputsOf(instance: string): readonly ChannelStanding[] {
    const { standings } = this.factsOf(instance);
    if (standings !== undefined) return standings;
    const node = this.nodeOf(nodeIdOf(instance)).inputs[0]?.from as string;
    const lane = instance.slice(nodeIdOf(instance).length);
    return [{ input: 0, from: `${node}${lane}`, watermarkMs: this.seenBy(instance), idle: false }];
  }

  private isSource(instance: string): boolean {
    return this.nodeOf(nodeIdOf(instance)).node.kind === 'source';
  }

  private factsOf(instance: string): InstanceFacts {
    return this.facts.get(instance) as InstanceFacts;
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
