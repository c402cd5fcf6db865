import { setTimeout as sleep } from 'node:timers/promises';
import { errors } from '../errors.js';
import type { LogRecord } from '../logging/log-record.js';
import { DeltaConversion } from '../metrics/delta-conversion.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import type { SpanRecord } from '../tracing/span-record.js';
import { DeliveryLedger, type LossCause, type Signal } from './delivery-ledger.js';
import type { OnDisk, Outlet } from './outlet.js';
import { type Chunk, type Sender, type SendResult, sizeOfChunk } from './sender.js';
import type { Spill } from './spill.js';

export interface PushOutletOptions {
  readonly name: string;
  readonly sender: Sender;
  /** The setting behind the endpoint in words, for messages. */
  readonly setting?: string;
  readonly signals: readonly Chunk['signal'][];
  /** Where what cannot be sent waits; without one it is lost when the queue is full. */
  readonly spill: Spill | undefined;
  /** What the receiver wants of counters and histograms; default `cumulative`. */
  readonly temporality?: 'cumulative' | 'delta';
  /** Told once per outage. */
  readonly onProblem: (problem: Error) => void;
  /** First pause after a failure; doubles up to 30 s. Default 1000 ms. */
  readonly retryMs?: number;
}

const SPANS_PER_CHUNK = 512;
/** Chunks that wait in memory, about 4096 spans; what comes after them waits on disk. */
const MAX_QUEUED_CHUNKS = 8;
const MAX_RETRY_MS = 30_000;

/** Sends telemetry in order, one request at a time; retries, spills to disk, and accounts for every item. */
export function createPushOutlet(options: PushOutletOptions): PushOutlet {
  return new QueuedPush(options);
}

/** An outlet that can keep on disk what it could not send. */
export interface PushOutlet extends Outlet {
  /** What waits on disk. */
  spilled(): Readonly<Record<Signal, number>>;
  onDisk(): OnDisk;
}

class QueuedPush implements PushOutlet {
  readonly name: string;
  readonly ledger = new DeliveryLedger();
  private readonly options: PushOutletOptions;
  private readonly queue: Chunk[] = [];
  private readonly delta: DeltaConversion | undefined;
  private readonly stop = new AbortController();
  private running: Promise<void> | undefined;
  private pause: AbortController | undefined;
  private failures = 0;
  private retryAfterMs: number | undefined;
  private reported: string | undefined;
  private closed = false;

  constructor(options: PushOutletOptions) {
    this.name = options.name;
    this.options = options;
    this.delta = options.temporality === 'delta' ? new DeltaConversion() : undefined;
    const { spill } = options;
    // What an earlier process left on disk is this one's to deliver.
    for (const signal of options.signals) this.ledger.accepted[signal] += spill?.count(signal) ?? 0;
    if (spill !== undefined && spill.chunks.length > 0) this.start();
  }

  onDisk(): OnDisk {
    const { spill } = this.options;
    return { bytes: spill?.bytes ?? 0, sinceMs: spill?.oldestMs };
  }

  spilled(): Readonly<Record<Signal, number>> {
    const { spill } = this.options;
    const count = (signal: Signal) => spill?.count(signal) ?? 0;
    return { spans: count('spans'), points: count('points'), logs: count('logs') };
  }

  acceptSpans(spans: readonly SpanRecord[]): void {
    if (!this.options.signals.includes('spans')) return;
    for (let from = 0; from < spans.length; from += SPANS_PER_CHUNK) {
      this.accept({ signal: 'spans', spans: spans.slice(from, from + SPANS_PER_CHUNK) });
    }
  }

  acceptPoints(snapshots: readonly MetricSnapshot[]): void {
    if (snapshots.length === 0 || !this.options.signals.includes('points')) return;
    this.accept({ signal: 'points', snapshots: this.delta?.convert(snapshots) ?? snapshots });
  }

  acceptLogs(logs: readonly LogRecord[]): void {
    if (this.options.signals.includes('logs')) this.accept({ signal: 'logs', logs });
  }

  async flush(): Promise<void> {
    // One attempt now, whatever the pause; what fails again is on disk or waits.
    this.pause?.abort();
    const before = this.failures;
    while (this.running !== undefined && this.failures === before) {
      await Promise.race([this.running, sleep(5)]);
    }
  }

  async close(deadlineMs: number): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const deadline = AbortSignal.timeout(Math.max(0, Math.ceil(deadlineMs)));
    this.pause?.abort();
    while (this.running !== undefined && !deadline.aborted) await Promise.race([this.running, sleep(10)]);
    this.stop.abort(new Error('shutting down'));
    this.pause?.abort();
    await this.running;
    // What waits in memory is older than everything on disk: the newest first, each ahead of what is there.
    for (const chunk of this.queue.splice(0).reverse()) this.spillOr(chunk, 'shutdown_deadline', 'ahead');
    this.options.sender.close();
  }

  private accept(chunk: Chunk): void {
    this.ledger.accepted[chunk.signal] += sizeOfChunk(chunk);
    const { spill } = this.options;
    // Behind a chunk on disk everything waits on disk, or order would be lost.
    const room = this.queue.length < MAX_QUEUED_CHUNKS && (spill?.chunks.length ?? 0) === 0;
    if (room) this.queue.push(chunk);
    else this.spillOr(chunk, 'queue_full');
    this.start();
  }

  private spillOr(chunk: Chunk, causeWithout: LossCause, place: 'behind' | 'ahead' = 'behind'): void {
    const { spill } = this.options;
    if (spill === undefined) {
      this.ledger.lose(chunk.signal, sizeOfChunk(chunk), causeWithout);
      return;
    }
    try {
      if (!spill.push(chunk, place)) this.ledger.lose(chunk.signal, sizeOfChunk(chunk), 'spill_full');
    } catch {
      this.ledger.lose(chunk.signal, sizeOfChunk(chunk), 'store_unwritable');
    }
  }

  private start(): void {
    this.running ??= this.run().then(() => {
      this.running = undefined;
      // Something may have come in between the last look at the queue and this.
      if (!this.closed && this.hasWork()) this.start();
    });
  }

  private hasWork(): boolean {
    return this.queue.length > 0 || (this.options.spill?.chunks.length ?? 0) > 0;
  }

  private async run(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const sent = this.queue.length > 0 ? await this.sendQueued() : await this.sendSpilled();
      if (sent === 'nothing') return;
      if (sent === 'later') {
        // While closing there is no time for another attempt: what is left goes to disk.
        if (this.closed) return;
        await this.wait();
      }
    }
  }

  private async sendQueued(): Promise<'done' | 'later'> {
    const chunk = this.queue[0] as Chunk;
    const result = await this.options.sender.send(chunk, this.stop.signal);
    if (!this.settle(chunk.signal, sizeOfChunk(chunk), result)) return 'later';
    this.queue.shift();
    return 'done';
  }

  private async sendSpilled(): Promise<'done' | 'later' | 'nothing'> {
    const { spill, sender } = this.options;
    const oldest = spill?.chunks[0];
    if (spill === undefined || oldest === undefined) return 'nothing';
    const chunk = await spill.read(oldest);
    if (chunk === undefined) this.ledger.lose(oldest.signal, oldest.count, 'spill_unreadable');
    else if (!this.settle(oldest.signal, oldest.count, await sender.send(chunk, this.stop.signal))) return 'later';
    await spill.remove(oldest);
    return 'done';
  }

  /** Books the result of one attempt; false when the chunk must be sent again. */
  private settle(signal: Chunk['signal'], count: number, result: SendResult): boolean {
    if (result.kind === 'retry') {
      this.failures++;
      this.retryAfterMs = result.afterMs;
      this.report(result.why);
      return false;
    }
    this.failures = 0;
    if (result.kind === 'refused') {
      this.ledger.lose(signal, count, 'rejected');
      this.report(result.why);
      return true;
    }
    const rejected = Math.min(count, result.rejected);
    this.ledger.delivered[signal] += count - rejected;
    this.ledger.lose(signal, rejected, 'partial_success');
    if (rejected > 0) this.report(`${rejected} of ${count} ${signal} were rejected: ${result.why ?? ''}`);
    else this.reported = undefined;
    return true;
  }

  private report(why: string): void {
    if (this.reported !== undefined || this.closed) return;
    this.reported = why;
    const { onProblem, sender, setting } = this.options;
    const behind = setting === undefined ? '' : ` (${setting})`;
    onProblem(errors.error('EXPORT_FAILED', { what: `cannot deliver telemetry to ${sender.target}${behind}`, why }));
  }

  private async wait(): Promise<void> {
    const { retryMs = 1000 } = this.options;
    const backOffMs = Math.min(MAX_RETRY_MS, retryMs * 2 ** (this.failures - 1));
    // Up to a fifth more, so that many processes do not return at the same moment.
    const pauseMs = this.retryAfterMs ?? backOffMs * (1 + Math.random() / 5);
    this.pause = new AbortController();
    await sleep(pauseMs, undefined, { signal: this.pause.signal, ref: false }).catch(() => undefined);
    this.pause = undefined;
  }
}
