import type { StreamElement } from '../ports/signal.js';

/** More elements than this fill a channel however small they are. */
const MAX_ELEMENTS = 1024;

/**
 * A queue between two chains, bounded in bytes. A push is never refused: the producer looks at `full` before it takes
 * on more input, so that one input's results may overshoot. Signals weigh nothing and keep their place among batches.
 */
export class Channel {
  bytes = 0;
  private readonly capacityBytes: number;
  private elements: (StreamElement | undefined)[] = [];
  private weights: number[] = [];
  private head = 0;
  private readonly onFilled: () => void;
  private readonly onDrained: () => void;

  constructor(capacityBytes: number, onFilled: () => void, onDrained: () => void) {
    this.capacityBytes = capacityBytes;
    this.onFilled = onFilled;
    this.onDrained = onDrained;
  }

  get size(): number {
    return this.elements.length - this.head;
  }

  get full(): boolean {
    return this.bytes >= this.capacityBytes || this.size >= MAX_ELEMENTS;
  }

  push(element: StreamElement, bytes: number): void {
    this.elements.push(element);
    this.weights.push(bytes);
    this.bytes += bytes;
    this.onFilled();
  }

  peek(): StreamElement | undefined {
    return this.elements[this.head];
  }

  take(): StreamElement | undefined {
    if (this.head === this.elements.length) return undefined;
    const wasFull = this.full;
    const element = this.elements[this.head];
    this.bytes -= this.weights[this.head] as number;
    this.elements[this.head] = undefined;
    this.head++;
    if (this.head > 64 && this.head * 2 > this.elements.length) this.compact();
    if (wasFull && !this.full) this.onDrained();
    return element;
  }

  /** Releases the slots of what has been taken. */
  private compact(): void {
    this.elements = this.elements.slice(this.head);
    this.weights = this.weights.slice(this.head);
    this.head = 0;
  }
}
