import { kindOf, type PlannedNode } from '../plan/plan.js';
import type { SourceNode } from '../plan/plan-node.js';
import type { Clock } from '../ports/clock.js';
import type { SinkWriter } from '../ports/sink.js';
import type { TaskDecorator } from '../ports/task-decorator.js';
import { batchScopes } from './batch-scopes.js';
import { ChainOutput } from './chain-output.js';
import { Channel } from './channel.js';
import { type GateChannel, InputGate } from './input-gate.js';
import type { LanePlan, NodeInstance, Placement } from './lanes/lane-plan.js';
import { nodeIdOf } from './lanes/lane-plan.js';
import { type LaneLinks, LaneWiring } from './lanes/lane-wiring.js';
import type { OpenOperator, OpenParts } from './open-parts.js';
import { type ChainHead, OperatorChain } from './operator-chain.js';
import { OperatorStage } from './operator-stage.js';
import type { ChainContext, Receiver } from './receiver.js';
import { rowBytes } from './row-bytes.js';
import type { Runnable, Scheduler } from './scheduler.js';
import { SinkStage } from './sink-stage.js';
import type { SnapshotCollector } from './snapshot-collector.js';
import { SourceChain } from './source-chain.js';
import { SplitFeed } from './split-feed.js';

const DEFAULT_CHANNEL_BYTES = 4 * 1024 * 1024;

export interface GraphSettings {
  readonly plan: LanePlan;
  readonly links: LaneLinks;
  readonly parts: OpenParts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly scheduler: Scheduler;
  readonly collector: SnapshotCollector;
  readonly decorators: readonly TaskDecorator[];
  readonly channelBytes: number | undefined;
  readonly channelRows: number | undefined;
  /** Whether sources have to wait for memory. */
  readonly held: () => boolean;
  readonly onSourceExhausted: () => void;
}

export interface SinkEnd {
  readonly stage: SinkStage;
  readonly chain: OperatorChain;
}

/** The lanes of a job that one thread hosts, as connected, runnable chains. */
export interface TaskGraph {
  readonly sources: readonly SourceChain[];
  readonly chains: readonly OperatorChain[];
  readonly stages: readonly OperatorStage[];
  readonly sinks: ReadonlyMap<string, SinkEnd>;
  /** By chain: what its full channels have cost. */
  readonly outputs: ReadonlyMap<string, ChainOutput>;
}

/** Connects what has been opened: stages into chains, chains by channels. */
export function buildGraph(settings: GraphSettings): TaskGraph {
  const builder = new GraphBuilder(settings);
  for (const placement of settings.plan.placements.values()) builder.add(placement);
  return builder;
}

class GraphBuilder implements TaskGraph {
  readonly sources: SourceChain[] = [];
  readonly chains: OperatorChain[] = [];
  readonly stages: OperatorStage[] = [];
  readonly sinks = new Map<string, SinkEnd>();
  readonly outputs = new Map<string, ChainOutput>();
  private readonly runnables = new Map<string, SourceChain | OperatorChain>();
  private readonly connectors = new Map<string, (port: number, receiver: Receiver) => void>();
  private readonly wiring: LaneWiring;
  private readonly settings: GraphSettings;

  constructor(settings: GraphSettings) {
    this.settings = settings;
    this.wiring = new LaneWiring(settings.plan, settings.links, {
      connect: (instance, port, receiver) => this.connectorOf(instance)(port, receiver),
      contextOf: (chain) => this.contextOf(chain),
      outputOf: (chain) => this.outputOf(chain),
      capacityOf: ({ planned }) => this.capacityOf(planned),
      wakeChain: (chain) => settings.scheduler.wake(this.runnables.get(chain) as Runnable),
    });
  }

  add(placement: Placement): void {
    const { node } = placement.planned;
    const here = placement.instances.filter(({ lane }) => this.settings.links.hosts(lane));
    if (node.kind === 'source') {
      for (const instance of here) this.addSource(instance, node);
      return;
    }
    const gates = placement.heads ? this.gatesOf(placement, here) : new Map<string, InputGate>();
    for (const instance of here) {
      if (node.kind === 'sink') this.addSink(placement, instance, gates.get(instance.id) as InputGate);
      else this.addStage(placement, instance, gates.get(instance.id));
    }
    if (!placement.heads) return;
    this.wiring.connectExchanges(placement);
  }

  /** Channels in front of every instance here, from wherever its rows come. */
  private gatesOf(placement: Placement, here: readonly NodeInstance[]): ReadonlyMap<string, InputGate> {
    const { node } = placement.planned;
    const readsFirst = node.kind === 'operator' ? (node.spec.readsFirst ?? []) : [];
    return new Map(
      here.map((instance) => {
        const channels = this.wiring.channelsInto(placement, instance, (capacity, from, onTaken) =>
          this.channelTo(instance, capacity, from, onTaken),
        );
        return [instance.id, new InputGate(channels, readsFirst)] as const;
      }),
    );
  }

  private capacityOf({ node, inputs }: PlannedNode): number {
    const own = node.kind === 'operator' ? node.spec.channelBytes : undefined;
    const { channelBytes, channelRows, plan } = this.settings;
    const given = own ?? channelBytes;
    if (given !== undefined || channelRows === undefined) return given ?? DEFAULT_CHANNEL_BYTES;
    const widest = inputs.reduce((most, { from, port }) => {
      const schema = plan.placements.get(from)?.planned.node.outputs[port]?.schema;
      return schema === undefined ? most : Math.max(most, rowBytes(schema));
    }, 1);
    return channelRows * widest;
  }

  private channelTo(
    instance: NodeInstance,
    capacity: number,
    from: NodeInstance | undefined,
    onTaken: ((bytes: number) => void) | undefined,
  ): GateChannel['channel'] {
    const { scheduler } = this.settings;
    return new Channel(capacity, {
      onFilled: () => scheduler.wake(this.runnables.get(instance.chain) as Runnable),
      onDrained: () => {
        if (from !== undefined) scheduler.wake(this.runnables.get(from.chain) as Runnable);
      },
      ...(onTaken === undefined ? {} : { onTaken }),
    });
  }

  private addSource(instance: NodeInstance, node: SourceNode): void {
    const { parts, clock, signal, scheduler, plan, collector, held, onSourceExhausted } = this.settings;
    const splits = parts.sources.get(instance.id) ?? [];
    const wake = () => scheduler.wake(chain);
    const runtime = { clock, signal, onArrival: wake };
    const feeds = splits.map(({ split, reader, position }) => new SplitFeed(split.id, reader, position, runtime));
    const chain = new SourceChain({
      job: plan.plan.job,
      id: instance.id,
      node,
      clock,
      feeds,
      restoredMs: splits.map((split) => split.restoredMs),
      output: this.outputOf(instance.chain),
      context: this.contextOf(instance.chain),
      beginBatch: this.scopesOf(instance, true),
      collector,
      held,
      onExhausted: onSourceExhausted,
    });
    this.sources.push(chain);
    this.runnables.set(instance.id, chain);
    this.connectors.set(instance.id, (port, receiver) => chain.connect(port, receiver));
  }

  private addSink(placement: Placement, instance: NodeInstance, gate: InputGate): void {
    const { plan, parts, collector } = this.settings;
    const stage = new SinkStage({
      job: plan.plan.job,
      id: instance.id,
      // Opened for every sink of the plan.
      writer: parts.sinks.get(instance.id) as SinkWriter,
      context: this.contextOf(instance.chain),
      collector,
    });
    this.sinks.set(instance.id, { stage, chain: this.addChain(placement, instance, gate, stage) });
  }

  private addStage(placement: Placement, instance: NodeInstance, gate: InputGate | undefined): void {
    const { plan, parts, collector } = this.settings;
    const { node } = placement.planned;
    // Opened for every operator of the plan.
    const { operator, state, calls } = parts.operators.get(instance.id) as OpenOperator;
    const stage = new OperatorStage({
      job: plan.plan.job,
      id: instance.id,
      chain: instance.chain,
      kind: kindOf(node),
      operator,
      ports: node.outputs.length,
      context: this.contextOf(instance.chain),
      collector,
      state,
    });
    this.stages.push(stage);
    this.connectors.set(instance.id, (port, receiver) => stage.connect(port, receiver));
    if (gate !== undefined) this.addChain(placement, instance, gate, stage);
    else this.wiring.connectInPlace(placement, instance, stage);
    calls.connect((call) => {
      const chain = this.runnables.get(instance.chain) as SourceChain | OperatorChain;
      chain.interpose(() => stage.callBack(call, this.settings.clock.now()));
      this.settings.scheduler.wake(chain);
    });
  }

  private addChain(placement: Placement, instance: NodeInstance, gate: InputGate, head: ChainHead): OperatorChain {
    const chain = new OperatorChain({
      name: instance.id,
      gate,
      head,
      output: this.outputOf(instance.id),
      context: this.contextOf(instance.id),
      beginBatch: this.scopesOf(instance, placement.planned.node.kind === 'source'),
    });
    this.chains.push(chain);
    this.runnables.set(instance.id, chain);
    return chain;
  }

  private connectorOf(instance: string) {
    return this.connectors.get(instance) as (port: number, receiver: Receiver) => void;
  }

  private contextOf(chain: string): ChainContext {
    return this.settings.parts.contexts.get(chain) as ChainContext;
  }

  private outputOf(chain: string): ChainOutput {
    const known = this.outputs.get(chain);
    if (known !== undefined) return known;
    const created = new ChainOutput(this.settings.clock);
    this.outputs.set(chain, created);
    return created;
  }

  private scopesOf({ id, chain, lane }: NodeInstance, source: boolean) {
    const { plan, decorators } = this.settings;
    const meta = { job: plan.plan.job, chain: nodeIdOf(chain), source };
    return batchScopes(decorators, nodeIdOf(id) === id ? meta : { ...meta, lane });
  }
}
