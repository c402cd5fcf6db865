import type { EpochCollector } from '../checkpoints/epoch-parts.js';
import { kindOf, type Plan, type PlannedNode } from '../plan/plan.js';
import type { SourceNode } from '../plan/plan-node.js';
import type { Clock } from '../ports/clock.js';
import type { SinkWriter } from '../ports/sink.js';
import type { TaskDecorator } from '../ports/task-decorator.js';
import { batchScopes } from './batch-scopes.js';
import { isChainHead } from './chain-layout.js';
import { ChainOutput } from './chain-output.js';
import { Channel } from './channel.js';
import { InputGate } from './input-gate.js';
import type { OpenOperator, OpenParts } from './open-parts.js';
import { type ChainHead, OperatorChain } from './operator-chain.js';
import { OperatorStage } from './operator-stage.js';
import { type ChainContext, channelWriter, type Receiver } from './receiver.js';
import type { Runnable, Scheduler } from './scheduler.js';
import { SinkStage } from './sink-stage.js';
import { SourceChain } from './source-chain.js';
import { SplitFeed } from './split-feed.js';

const DEFAULT_CHANNEL_BYTES = 4 * 1024 * 1024;

export interface GraphSettings {
  readonly plan: Plan;
  readonly parts: OpenParts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly scheduler: Scheduler;
  readonly collector: EpochCollector;
  readonly decorators: readonly TaskDecorator[];
  readonly channelBytes: number | undefined;
  readonly onSourceExhausted: () => void;
  readonly onSinkEnded: () => void;
}

export interface SinkEnd {
  readonly stage: SinkStage;
  readonly chain: OperatorChain;
}

/** A job as connected, runnable chains. */
export interface TaskGraph {
  readonly sources: readonly SourceChain[];
  readonly chains: readonly OperatorChain[];
  readonly stages: readonly OperatorStage[];
  readonly sinks: ReadonlyMap<string, SinkEnd>;
  /** By chain name: what its full channels have cost. */
  readonly outputs: ReadonlyMap<string, ChainOutput>;
}

/** Connects what has been opened: stages into chains, chains by channels. */
export function buildGraph(settings: GraphSettings): TaskGraph {
  const builder = new GraphBuilder(settings);
  for (const planned of settings.plan.nodes) builder.add(planned);
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
  private readonly settings: GraphSettings;

  constructor(settings: GraphSettings) {
    this.settings = settings;
  }

  add(planned: PlannedNode): void {
    const { node } = planned;
    if (node.kind === 'source') this.addSource(planned.id, node);
    else if (node.kind === 'sink') this.addSink(planned);
    else this.addStage(planned);
  }

  private addStage(planned: PlannedNode): void {
    const stage = this.createStage(planned);
    if (isChainHead(planned)) this.addChain(planned, stage);
    else this.connect(planned, () => stage);
  }

  private addSource(id: string, node: SourceNode): void {
    const { parts, clock, signal, scheduler, plan, collector, onSourceExhausted } = this.settings;
    const output = this.outputOf(id);
    const splits = parts.sources.get(id) ?? [];
    const wake = () => scheduler.wake(chain);
    const runtime = { clock, signal, onArrival: wake };
    const feeds = splits.map(({ split, reader, position }) => new SplitFeed(split.id, reader, position, runtime));
    const context = this.contextOf(id);
    const chain = new SourceChain({
      job: plan.job,
      id,
      node,
      clock,
      feeds,
      restoredMs: splits.map((split) => split.restoredMs),
      output,
      context,
      beginBatch: this.scopesOf(id, true),
      collector,
      onExhausted: onSourceExhausted,
    });
    this.sources.push(chain);
    this.runnables.set(id, chain);
    this.connectors.set(id, (_port, receiver) => chain.connect(receiver));
  }

  private addSink(planned: PlannedNode): void {
    const { plan, parts, collector, onSinkEnded } = this.settings;
    const stage = new SinkStage({
      job: plan.job,
      id: planned.id,
      // Opened for every sink of the plan.
      writer: parts.sinks.get(planned.id) as SinkWriter,
      context: this.contextOf(planned.id),
      collector,
      onEnd: onSinkEnded,
    });
    this.sinks.set(planned.id, { stage, chain: this.addChain(planned, stage) });
  }

  private createStage({ id, node }: PlannedNode): OperatorStage {
    const { plan, parts, collector } = this.settings;
    // Opened for every operator of the plan.
    const { operator, state, calls } = parts.operators.get(id) as OpenOperator;
    const stage = new OperatorStage({
      job: plan.job,
      id,
      kind: kindOf(node),
      operator,
      ports: node.outputs.length,
      context: this.contextOf(id),
      collector,
      state,
    });
    calls.connect((call) => {
      const chain = this.runnables.get(this.chainOf(id)) as SourceChain | OperatorChain;
      chain.interpose(() => stage.callBack(call, this.settings.clock.now()));
      this.settings.scheduler.wake(chain);
    });
    this.stages.push(stage);
    this.connectors.set(id, (port, receiver) => stage.connect(port, receiver));
    return stage;
  }

  private addChain(planned: PlannedNode, head: ChainHead): OperatorChain {
    const { scheduler, clock } = this.settings;
    const spec = planned.node.kind === 'operator' ? planned.node.spec : undefined;
    const capacity = spec?.channelBytes ?? this.settings.channelBytes ?? DEFAULT_CHANNEL_BYTES;
    const channels: Channel[] = [];
    this.outputs.set(planned.id, new ChainOutput(clock));
    this.connect(planned, (upstreamChain) => {
      const producer = this.runnables.get(upstreamChain) as Runnable;
      const channel = new Channel(
        capacity,
        () => scheduler.wake(chain),
        () => scheduler.wake(producer),
      );
      channels.push(channel);
      this.outputOf(upstreamChain).add(channel);
      return channelWriter(channel, this.contextOf(upstreamChain));
    });
    const chain = new OperatorChain({
      name: planned.id,
      gate: new InputGate(channels, spec?.readsFirst ?? []),
      head,
      output: this.outputOf(planned.id),
      context: this.contextOf(planned.id),
      beginBatch: this.scopesOf(planned.id, false),
    });
    this.chains.push(chain);
    this.runnables.set(planned.id, chain);
    return chain;
  }

  /** Connects every input of a node to what `receiverOf` gives for the chain that the input comes from. */
  private connect(planned: PlannedNode, receiverOf: (upstreamChain: string) => Receiver): void {
    for (const { from, port } of planned.inputs) {
      const connector = this.connectors.get(from) as (port: number, receiver: Receiver) => void;
      connector(port, receiverOf(this.chainOf(from)));
    }
  }

  private chainOf(id: string): string {
    return this.settings.parts.metas.get(id)?.chain ?? id;
  }

  private contextOf(id: string): ChainContext {
    return this.settings.parts.contexts.get(this.chainOf(id)) as ChainContext;
  }

  private outputOf(chain: string): ChainOutput {
    const known = this.outputs.get(chain);
    if (known !== undefined) return known;
    const created = new ChainOutput(this.settings.clock);
    this.outputs.set(chain, created);
    return created;
  }

  private scopesOf(chain: string, source: boolean) {
    return batchScopes(this.settings.decorators, { job: this.settings.plan.job, chain, source });
  }
}
