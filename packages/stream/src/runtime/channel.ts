import type { StreamElement } from '../ports/signal.js';

/** More elements than this fill a channel however small they are. */
const MAX_ELEMENTS = 1024;

/** Where a chain puts what it makes for another one. */
export interface Outlet {
  /** Whether the producer has to wait before it takes on more input. */
  readonly full: boolean;
  push(element: StreamElement, bytes: number): void;
}

export interface ChannelEvents {
  onFilled(): void;
  /** It had been full and is not any more. */
  onDrained(): void;
  /** An element of so many bytes has been taken. */
  onTaken?(bytes: number): void;
}

/**
 * A queue between two chains, bounded in bytes. A push is never refused: the producer looks at `full` before it takes
 * on more input, so that one input's results may overshoot. Signals weigh nothing and keep their place among batches.
 */
export class Channel implements Outlet {
  bytes = 0;
  private readonly capacityBytes: number;
  private elements: (StreamElement | undefined)[] = [];
  private weights: number[] = [];
  private head = 0;
  private readonly events: ChannelEvents;

  constructor(capacityBytes: number, events: ChannelEvents) {
    this.capacityBytes = capacityBytes;
    this.events = events;
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
    this.events.onFilled();
  }

  peek(): StreamElement | undefined {
    return this.elements[this.head];
  }

  take(): StreamElement | undefined {
    if (this.head === this.elements.length) return undefined;
    const wasFull = this.full;
    const element = this.elements[this.head];
    const bytes = this.weights[this.head] as number;
    this.bytes -= bytes;
    this.elements[this.head] = undefined;
    this.head++;
    if (this.head > 64 && this.head * 2 > this.elements.length) this.compact();
    this.events.onTaken?.(bytes);
    if (wasFull && !this.full) this.events.onDrained();
    return element;
  }

  /** Releases the slots of what has been taken. */
  private compact(): void {
    this.elements = this.elements.slice(this.head);
    this.weights = this.weights.slice(this.head);
    this.head = 0;
  }
}
