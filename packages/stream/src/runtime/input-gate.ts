import type { Signal, TracedBatch } from '../ports/signal.js';
import { WatermarkMerger } from '../time/watermark-merger.js';
import type { Channel } from './channel.js';

/** What the head of a chain is to do next: a batch of one input, or a signal merged over all of them. */
export type GateElement =
  | { readonly kind: 'batch'; readonly input: number; readonly batch: TracedBatch }
  | { readonly kind: 'signal'; readonly signal: Signal };

/** One channel of an input: an input has one from every instance that it is fed by. */
export interface GateChannel {
  readonly input: number;
  /** Id of the instance that writes to it. */
  readonly from: string;
  readonly channel: Channel;
}

/** How far one channel has come. */
export interface ChannelStanding {
  readonly input: number;
  readonly from: string;
  readonly watermarkMs: number;
  readonly idle: boolean;
}

/**
 * The inputs of a chain as one sequence: batches in turns, watermarks and idleness merged, barriers aligned (a channel
 * whose barrier has come waits until it has come on all others), one End when all have ended.
 */
export class InputGate {
  private readonly inputs: readonly GateChannel[];
  private readonly channels: readonly Channel[];
  private readonly merger: WatermarkMerger;
  private readonly aligned: boolean[];
  private readonly ended: boolean[];
  /** Channels that are read to the end of time before the others; empty when there is no such order. */
  private readonly first: ReadonlySet<number>;
  private turn = 0;

  constructor(inputs: readonly GateChannel[], readsFirst: readonly number[]) {
    this.inputs = inputs;
    this.channels = inputs.map(({ channel }) => channel);
    this.merger = new WatermarkMerger(inputs.length);
    this.aligned = inputs.map(() => false);
    this.ended = inputs.map(() => false);
    this.first = new Set(inputs.flatMap(({ input }, at) => (readsFirst.includes(input) ? [at] : [])));
  }

  get hasNext(): boolean {
    for (let at = 0; at < this.channels.length; at++) if (this.readable(at)) return true;
    return false;
  }

  /** Whether inputs that are read first have not come to their end yet: until then no barrier may enter the graph. */
  get ordering(): boolean {
    for (const at of this.first) if (this.merger.timeOf(at) !== Number.POSITIVE_INFINITY) return true;
    return false;
  }

  /** Where every channel stands; one that must wait for others to be read first counts as idle. */
  get standings(): readonly ChannelStanding[] {
    const { merger, first, ordering } = this;
    return this.inputs.map(({ input, from }, at) => ({
      input,
      from,
      watermarkMs: merger.timeOf(at),
      idle: merger.isIdle(at) || (ordering && !first.has(at)),
    }));
  }

  get queuedElements(): number {
    return this.channels.reduce((sum, channel) => sum + channel.size, 0);
  }

  get queuedBytes(): number {
    return this.channels.reduce((sum, channel) => sum + channel.bytes, 0);
  }

  /** The next thing to do, or undefined when every readable channel is empty. */
  next(): GateElement | undefined {
    for (let tried = 0; tried < this.channels.length; ) {
      const at = this.turn;
      this.turn = (this.turn + 1) % this.channels.length;
      if (!this.readable(at)) {
        tried++;
        continue;
      }
      tried = 0;
      const element = (this.channels[at] as Channel).take();
      if (element === undefined) continue;
      if (element.kind === 'batch') {
        this.merger.markActive(at);
        return { kind: 'batch', input: (this.inputs[at] as GateChannel).input, batch: element };
      }
      const signal = this.merge(at, element);
      if (signal !== undefined) return { kind: 'signal', signal };
    }
    return undefined;
  }

  private readable(at: number): boolean {
    if (this.aligned[at] === true || (this.channels[at] as Channel).size === 0) return false;
    return this.first.has(at) || !this.ordering;
  }

  private merge(at: number, signal: Signal): Signal | undefined {
    switch (signal.kind) {
      case 'watermark':
        this.merger.advance(at, signal.timeMs);
        return this.merger.next();
      case 'idle':
        this.merger.markIdle(at);
        return this.merger.next();
      case 'barrier':
        this.aligned[at] = true;
        if (this.aligned.includes(false)) return undefined;
        this.aligned.fill(false);
        return signal;
      case 'end':
        this.ended[at] = true;
        return this.ended.includes(false) ? undefined : signal;
    }
  }
}
