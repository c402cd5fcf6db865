import type { Schema } from '@sabot/columnar';
import type { PlannedInput } from '../../plan/plan.js';
import type { PlanOutput } from '../../plan/plan-output.js';
import type { ChainOutput } from '../chain-output.js';
import type { Channel, Outlet } from '../channel.js';
import type { GateChannel } from '../input-gate.js';
import { type ChainContext, channelWriter, type Receiver } from '../receiver.js';
import { exchangeTo } from './exchange.js';
import { instanceIn, type LanePlan, type NodeInstance, type Placement } from './lane-plan.js';

/** One way of rows between two instances: along an input of the consumer. */
export interface LanePath {
  readonly consumer: string;
  readonly input: number;
  readonly from: NodeInstance;
  readonly to: NodeInstance;
  /** Of what goes along it. */
  readonly schema: Schema;
}

/** The other threads of a job, as the graph of one of them sees them. */
export interface LaneLinks {
  /** Whether this thread runs the lane. */
  hosts(lane: number): boolean;
  /** Where rows for an instance on another thread are put; `onRoom`: it had been full and is not any more. */
  outlet(path: LanePath, capacityBytes: number, onRoom: () => void): Outlet;
  /** Says how an instance here is reached from another thread, once its channel is there; returns what gives credit back. */
  inlet(path: LanePath, channel: () => Channel): (bytes: number) => void;
}

/** A job whose lanes all run on one thread. */
export const oneThread: LaneLinks = {
  hosts: () => true,
  outlet: () => unreachable(),
  inlet: () => unreachable(),
};

function unreachable(): never {
  throw new RangeError('all lanes are on this thread');
}

interface Graph {
  connect(instance: string, port: number, receiver: Receiver): void;
  contextOf(chain: string): ChainContext;
  outputOf(chain: string): ChainOutput;
  wakeChain(chain: string): void;
  /** What all channels of one input of an instance may hold together. */
  capacityOf(placement: Placement): number;
}

/** However many lanes share a channel's bytes, each gets room for a batch or two. */
const MIN_CHANNEL_BYTES = 64 * 1024;

/** Makes the channel of one way; `from` undefined: the producer is on another thread. */
type MakeChannel = (
  capacityBytes: number,
  from: NodeInstance | undefined,
  onTaken: ((bytes: number) => void) | undefined,
) => Channel;

/** Connects the instances of nodes: in place, by channels on this thread, or by links to others. */
export class LaneWiring {
  private readonly plan: LanePlan;
  private readonly links: LaneLinks;
  private readonly graph: Graph;
  /** Channels of this thread by consumer instance, input and producer instance. */
  private readonly channels = new Map<string, Channel>();

  constructor(plan: LanePlan, links: LaneLinks, graph: Graph) {
    this.plan = plan;
    this.links = links;
    this.graph = graph;
  }

  /** Inside a chain: what the instance above emits is handed over at once. */
  connectInPlace({ planned }: Placement, instance: NodeInstance, receiver: Receiver): void {
    for (const { from, port } of planned.inputs) {
      const producer = instanceIn(this.plan.placements.get(from), instance.lane);
      if (producer !== undefined) this.graph.connect(producer.id, port, receiver);
    }
  }

  /** The channels in front of an instance on this thread: one per input and instance that feeds it. */
  channelsInto(placement: Placement, to: NodeInstance, make: MakeChannel): readonly GateChannel[] {
    return placement.planned.inputs.flatMap((_, input) => {
      const producers = this.producersOf(placement, input, to);
      return producers.map((from) => {
        const path = this.pathOf(placement, input, from, to);
        const key = keyOf(path);
        const here = this.links.hosts(from.lane);
        const onTaken = here ? undefined : this.links.inlet(path, () => this.channels.get(key) as Channel);
        const channel = make(this.shareOf(placement, producers.length), here ? from : undefined, onTaken);
        this.channels.set(key, channel);
        return { input, from: from.id, channel };
      });
    });
  }

  /** Lets every producer on this thread write to all instances of a node, wherever they are. */
  connectExchanges(placement: Placement): void {
    for (const [input, { from, port }] of placement.planned.inputs.entries()) {
      for (const producer of this.plan.placements.get(from)?.instances ?? []) {
        if (!this.links.hosts(producer.lane)) continue;
        const route = placement.routes[input] as Placement['routes'][number];
        const consumers =
          route.kind === 'forward'
            ? placement.instances.filter(({ lane }) => lane === producer.lane)
            : placement.instances;
        const targets = consumers.map((to) => this.targetOf(placement, this.pathOf(placement, input, producer, to)));
        this.graph.connect(producer.id, port, exchangeTo(route, targets));
      }
    }
  }

  private targetOf(placement: Placement, path: LanePath): Receiver {
    const { from, to, input } = path;
    const share = this.shareOf(placement, this.producersOf(placement, input, to).length);
    const outlet = this.links.hosts(to.lane)
      ? (this.channels.get(keyOf(path)) as Channel)
      : this.links.outlet(path, share, () => this.graph.wakeChain(from.chain));
    this.graph.outputOf(from.chain).add(outlet);
    return channelWriter(outlet, this.graph.contextOf(from.chain));
  }

  private shareOf(placement: Placement, producers: number): number {
    const capacity = this.graph.capacityOf(placement);
    return Math.max(capacity / Math.max(1, producers), Math.min(capacity, MIN_CHANNEL_BYTES));
  }

  private pathOf({ planned }: Placement, input: number, from: NodeInstance, to: NodeInstance): LanePath {
    const { from: producer, port } = planned.inputs[input] as PlannedInput;
    const output = this.plan.placements.get(producer)?.planned.node.outputs[port] as PlanOutput;
    return { consumer: planned.id, input, from, to, schema: output.schema };
  }

  private producersOf({ planned, routes }: Placement, input: number, to: NodeInstance): readonly NodeInstance[] {
    const producers = this.plan.placements.get(planned.inputs[input]?.from ?? '')?.instances ?? [];
    return routes[input]?.kind === 'forward' ? producers.filter(({ lane }) => lane === to.lane) : producers;
  }
}

/** Names a way the same on every thread. */
export function keyOf({ consumer, input, from, to }: Omit<LanePath, 'schema'>): string {
  return `${consumer}\0${input}\0${from.lane}\0${to.lane}`;
}
