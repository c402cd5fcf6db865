import type { Signal, TracedBatch } from '../ports/signal.js';
import { WatermarkMerger } from '../time/watermark-merger.js';
import type { Channel } from './channel.js';

/** What the head of a chain is to do next: a batch of one input, or a signal merged over all of them. */
export type GateElement =
  | { readonly kind: 'batch'; readonly input: number; readonly batch: TracedBatch }
  | { readonly kind: 'signal'; readonly signal: Signal };

/**
 * The inputs of a chain as one sequence: batches in turns, watermarks and idleness merged, barriers aligned (an input
 * whose barrier has come waits until it has come on all others), one End when all have ended.
 */
export class InputGate {
  private readonly channels: readonly Channel[];
  private readonly merger: WatermarkMerger;
  private readonly aligned: boolean[];
  private readonly ended: boolean[];
  /** Inputs that are read to the end of time before the others; empty when there is no such order. */
  private readonly first: ReadonlySet<number>;
  private turn = 0;

  constructor(channels: readonly Channel[], readsFirst: readonly number[]) {
    this.channels = channels;
    this.merger = new WatermarkMerger(channels.length);
    this.aligned = channels.map(() => false);
    this.ended = channels.map(() => false);
    this.first = new Set(readsFirst);
  }

  get hasNext(): boolean {
    for (let input = 0; input < this.channels.length; input++) if (this.readable(input)) return true;
    return false;
  }

  /** Whether inputs that are read first have not come to their end yet: until then no barrier may enter the graph. */
  get ordering(): boolean {
    for (const input of this.first) if (this.merger.timeOf(input) !== Number.POSITIVE_INFINITY) return true;
    return false;
  }

  /** Where every input stands; one that must wait for others to be read first counts as idle. */
  get standings(): readonly { readonly watermarkMs: number; readonly idle: boolean }[] {
    const { merger, first, ordering } = this;
    return this.channels.map((_, input) => ({
      watermarkMs: merger.timeOf(input),
      idle: merger.isIdle(input) || (ordering && !first.has(input)),
    }));
  }

  get queuedElements(): number {
    return this.channels.reduce((sum, channel) => sum + channel.size, 0);
  }

  get queuedBytes(): number {
    return this.channels.reduce((sum, channel) => sum + channel.bytes, 0);
  }

  /** The next thing to do, or undefined when every readable input is empty. */
  next(): GateElement | undefined {
    for (let tried = 0; tried < this.channels.length; ) {
      const input = this.turn;
      this.turn = (this.turn + 1) % this.channels.length;
      if (!this.readable(input)) {
        tried++;
        continue;
      }
      tried = 0;
      const element = (this.channels[input] as Channel).take();
      if (element === undefined) continue;
      if (element.kind === 'batch') {
        this.merger.markActive(input);
        return { kind: 'batch', input, batch: element };
      }
      const signal = this.merge(input, element);
      if (signal !== undefined) return { kind: 'signal', signal };
    }
    return undefined;
  }

  private readable(input: number): boolean {
    if (this.aligned[input] === true || (this.channels[input] as Channel).size === 0) return false;
    return this.first.has(input) || !this.ordering;
  }

  private merge(input: number, signal: Signal): Signal | undefined {
    switch (signal.kind) {
      case 'watermark':
        this.merger.advance(input, signal.timeMs);
        return this.merger.next();
      case 'idle':
        this.merger.markIdle(input);
        return this.merger.next();
      case 'barrier':
        this.aligned[input] = true;
        if (this.aligned.includes(false)) return undefined;
        this.aligned.fill(false);
        return signal;
      case 'end':
        this.ended[input] = true;
        return this.ended.includes(false) ? undefined : signal;
    }
  }
}
