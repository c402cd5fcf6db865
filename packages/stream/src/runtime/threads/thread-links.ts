import type { MessagePort, Transferable } from 'node:worker_threads';
import type { Schema } from '@sabot/columnar';
import { receiveBatch, shareBatch, transferBatch, transferList } from '@sabot/columnar/threads';
import type { StreamElement, TracedBatch } from '../../ports/signal.js';
import type { Channel, Outlet } from '../channel.js';
import { keyOf, type LaneLinks, type LanePath } from '../lanes/lane-wiring.js';
import type { LinkItem } from './thread-protocol.js';

/** What a way between threads holds before its producer waits, in elements; the bytes are the channel's. */
const MAX_ELEMENTS = 1024;
/** Credit is given back at once from here on, else with the next turn. */
const PROMPT_CREDIT_BYTES = 256 * 1024;

interface Inlet {
  readonly path: LanePath;
  readonly channel: () => Channel;
  readonly thread: number;
  bytes: number;
  elements: number;
}

/**
 * The ways between the lanes of this thread and those of others: a message port per thread.
 *
 * Order: everything of one way goes through one port, so batches and signals arrive as they were put in. Memory: a
 * batch is moved, never in two threads at once; the producer counts what it has sent and what the consumer's channel
 * has given back, and is full by the same measure as a channel on its own thread.
 */
export class ThreadLinks implements LaneLinks {
  private readonly thread: number;
  private readonly threads: number;
  private readonly ports: ReadonlyMap<number, MessagePort>;
  private readonly inlets = new Map<string, Inlet>();
  private readonly outlets = new Map<string, LinkOutlet>();
  private readonly owed = new Set<Inlet>();
  private readonly outboxes = new Map<number, LinkItem[]>();
  private flushing = false;

  constructor(thread: number, threads: number, ports: ReadonlyMap<number, MessagePort>) {
    this.thread = thread;
    this.threads = threads;
    this.ports = ports;
  }

  /** Begins to take what the others send; said when the graph stands. */
  start(): void {
    for (const port of this.ports.values()) {
      port.on('message', (items: readonly LinkItem[]) => {
        for (const item of items) this.receive(item);
      });
    }
  }

  close(): void {
    for (const port of this.ports.values()) port.close();
  }

  hosts(lane: number): boolean {
    return this.threadOf(lane) === this.thread;
  }

  outlet(path: LanePath, capacityBytes: number, onRoom: () => void): Outlet {
    const way = keyOf(path);
    const thread = this.threadOf(path.to.lane);
    const outlet = new LinkOutlet(capacityBytes, onRoom, (element, bytes) => this.send(thread, way, element, bytes));
    this.outlets.set(way, outlet);
    return outlet;
  }

  inlet(path: LanePath, channel: () => Channel): (bytes: number) => void {
    const inlet: Inlet = { path, channel, thread: this.threadOf(path.from.lane), bytes: 0, elements: 0 };
    this.inlets.set(keyOf(path), inlet);
    return (bytes) => this.owe(inlet, bytes);
  }

  private threadOf(lane: number): number {
    return lane % this.threads;
  }

  private send(thread: number, way: string, element: StreamElement, bytes: number): void {
    if (element.kind !== 'batch') {
      this.post(thread, { kind: 'signal', way, signal: element });
      return;
    }
    const { batch, trace, emittedAtMs } = element;
    // The words of a dictionary are shared once, and would be moved with every batch.
    const parcel = hasDictionary(batch.schema) ? shareBatch(batch) : transferBatch(batch);
    this.outboxOf(thread).push({ kind: 'batch', way, parcel, bytes, trace: plainTrace(trace), emittedAtMs });
    this.flush(thread, transferList(parcel));
  }

  private receive(item: LinkItem): void {
    if (item.kind === 'credit') {
      this.outlets.get(item.way)?.credit(item.bytes, item.elements);
      return;
    }
    const inlet = this.inlets.get(item.way) as Inlet;
    if (item.kind === 'signal') {
      inlet.channel().push(item.signal, 0);
      return;
    }
    const { parcel, bytes, trace, emittedAtMs } = item;
    const element: TracedBatch = { kind: 'batch', batch: receiveBatch(inlet.path.schema, parcel), trace, emittedAtMs };
    inlet.channel().push(element, bytes);
  }

  private owe(inlet: Inlet, bytes: number): void {
    inlet.bytes += bytes;
    inlet.elements++;
    this.owed.add(inlet);
    if (inlet.bytes >= PROMPT_CREDIT_BYTES) this.settle();
    else this.flushSoon();
  }

  private settle(): void {
    for (const inlet of this.owed) {
      const { bytes, elements } = inlet;
      this.post(inlet.thread, { kind: 'credit', way: keyOf(inlet.path), bytes, elements });
      inlet.bytes = 0;
      inlet.elements = 0;
    }
    this.owed.clear();
  }

  /** Small things gather until the next turn or the next batch, whichever is first. */
  private post(thread: number, item: LinkItem): void {
    this.outboxOf(thread).push(item);
    this.flushSoon();
  }

  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    queueMicrotask(() => {
      this.flushing = false;
      this.settle();
      for (const thread of this.outboxes.keys()) this.flush(thread, []);
    });
  }

  private flush(thread: number, moved: readonly Transferable[]): void {
    const items = this.outboxOf(thread);
    if (items.length === 0) return;
    this.outboxes.set(thread, []);
    this.ports.get(thread)?.postMessage(items, moved);
  }

  private outboxOf(thread: number): LinkItem[] {
    let outbox = this.outboxes.get(thread);
    if (outbox === undefined) {
      outbox = [];
      this.outboxes.set(thread, outbox);
    }
    return outbox;
  }
}

/** The producer's end of a way to another thread. */
class LinkOutlet implements Outlet {
  private bytes = 0;
  private elements = 0;
  private readonly capacityBytes: number;
  private readonly onRoom: () => void;
  private readonly send: (element: StreamElement, bytes: number) => void;

  constructor(capacityBytes: number, onRoom: () => void, send: (element: StreamElement, bytes: number) => void) {
    this.capacityBytes = capacityBytes;
    this.onRoom = onRoom;
    this.send = send;
  }

  get full(): boolean {
    return this.bytes >= this.capacityBytes || this.elements >= MAX_ELEMENTS;
  }

  push(element: StreamElement, bytes: number): void {
    this.bytes += bytes;
    this.elements++;
    this.send(element, bytes);
  }

  credit(bytes: number, elements: number): void {
    const wasFull = this.full;
    this.bytes -= bytes;
    this.elements -= elements;
    if (wasFull && !this.full) this.onRoom();
  }
}

const dictionaries = new WeakMap<Schema, boolean>();

function hasDictionary(schema: Schema): boolean {
  let known = dictionaries.get(schema);
  if (known === undefined) {
    known = Object.values(schema.fields).some(({ kind }) => kind === 'dictionary');
    dictionaries.set(schema, known);
  }
  return known;
}

/** Span contexts may be objects with a class of their own. */
function plainTrace(trace: TracedBatch['trace']): TracedBatch['trace'] {
  if (trace === undefined) return undefined;
  const { traceId, spanId, traceFlags, traceState } = trace;
  return { traceId, spanId, traceFlags, ...(traceState === undefined ? {} : { traceState }) };
}
