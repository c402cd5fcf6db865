import { setImmediate as nextTurn } from 'node:timers/promises';
import { errors } from '../errors.js';
import { DeliveryLedger } from '../export/delivery-ledger.js';
import { countPoints, type Outlet } from '../export/outlet.js';
import { type Chunk, sizeOfChunk } from '../export/sender.js';
import type { LogRecord } from '../logging/log-record.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import { writeLogsRequest } from '../otlp/logs-json.js';
import { writeMetricsRequest } from '../otlp/metrics-json.js';
import type { Resource } from '../otlp/resource.js';
import { writeTraceRequest } from '../otlp/trace-json.js';
import type { SpanRecord } from '../tracing/span-record.js';
import { type StoredSignal, serviceFolder } from './segment-files.js';
import { SegmentWriter } from './segment-writer.js';

export interface StoreOutletOptions {
  /** Folder of the store. */
  readonly path: string;
  /** The setting behind the path in words, for messages. */
  readonly setting?: string;
  readonly serviceName: string;
  readonly resource: Resource;
  /** A file is closed and a new one begun at this size; default 8 MiB. */
  readonly segmentBytes?: number;
  /** All files of this service together; default 128 MiB. */
  readonly capBytes?: number;
  /** Told once per outage that the store cannot be written. */
  readonly onProblem: (problem: Error) => void;
}

/** Spans per line: a torn or unreadable line loses no more than these, and writing one takes about a millisecond. */
const SPANS_PER_LINE = 256;
/** Spans that may wait for the disk. */
const MAX_WAITING = 32_768;

/** Writes telemetry into the local store, in turns of the event loop of their own. */
export function createStoreOutlet(options: StoreOutletOptions): Outlet {
  return new StoreOutlet(options);
}

class StoreOutlet implements Outlet {
  readonly name = 'store';
  readonly ledger = new DeliveryLedger();
  private readonly options: StoreOutletOptions;
  private readonly writer: SegmentWriter;
  private queue: Chunk[] = [];
  private waitingSpans = 0;
  private running: Promise<void> | undefined;
  private failing = false;
  private abandoned = false;

  constructor(options: StoreOutletOptions) {
    this.options = options;
    this.writer = new SegmentWriter(serviceFolder(options.path, options.serviceName), {
      segmentBytes: options.segmentBytes ?? 8 * 1024 * 1024,
      capBytes: options.capBytes ?? 128 * 1024 * 1024,
    });
  }

  acceptSpans(spans: readonly SpanRecord[]): void {
    this.ledger.accepted.spans += spans.length;
    const room = Math.max(0, MAX_WAITING - this.waitingSpans);
    this.ledger.lose('spans', Math.max(0, spans.length - room), 'store_behind');
    for (let from = 0; from < Math.min(spans.length, room); from += SPANS_PER_LINE) {
      this.enqueue({ signal: 'spans', spans: spans.slice(from, Math.min(from + SPANS_PER_LINE, room)) });
    }
  }

  acceptPoints(snapshots: readonly MetricSnapshot[]): void {
    if (snapshots.length === 0) return;
    this.ledger.accepted.points += countPoints(snapshots);
    this.enqueue({ signal: 'points', snapshots });
  }

  acceptLogs(logs: readonly LogRecord[]): void {
    this.ledger.accepted.logs += logs.length;
    this.enqueue({ signal: 'logs', logs });
  }

  async flush(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  async close(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([this.flush(), deadline]);
    clearTimeout(timer);
    this.abandoned = true;
    for (const job of this.queue.splice(0)) this.lose(job, 'shutdown_deadline');
    if (this.running === undefined) await this.writer.close();
  }

  private enqueue(job: Chunk): void {
    if (job.signal === 'spans') this.waitingSpans += job.spans.length;
    this.queue.push(job);
    this.running ??= this.run();
  }

  private async run(): Promise<void> {
    // The caller may be in the middle of a batch: serialising waits for its own turn.
    await nextTurn();
    for (let job = this.queue.shift(); job !== undefined; job = this.queue.shift()) {
      await this.write(job);
      if (job.signal === 'spans') this.waitingSpans -= job.spans.length;
      await nextTurn();
    }
    this.running = undefined;
    if (this.abandoned) await this.writer.close();
  }

  private async write(job: Chunk): Promise<void> {
    try {
      await this.writer.append(...this.lineOf(job));
      this.ledger.delivered[job.signal] += sizeOfChunk(job);
      this.failing = false;
    } catch (cause) {
      this.lose(job, 'store_unwritable');
      this.report(cause);
    }
  }

  private lose(job: Chunk, cause: 'store_unwritable' | 'shutdown_deadline'): void {
    this.ledger.lose(job.signal, sizeOfChunk(job), cause);
  }

  private lineOf(job: Chunk): [StoredSignal, string] {
    const { resource } = this.options;
    switch (job.signal) {
      case 'spans':
        return ['traces', JSON.stringify(writeTraceRequest(resource, job.spans))];
      case 'points':
        return ['metrics', JSON.stringify(writeMetricsRequest(resource, job.snapshots))];
      case 'logs':
        return ['logs', JSON.stringify(writeLogsRequest(resource, job.logs))];
    }
  }

  private report(cause: unknown): void {
    if (this.failing) return;
    this.failing = true;
    const why = cause instanceof Error ? cause.message : String(cause);
    const { onProblem, path, setting } = this.options;
    const behind = setting === undefined ? '' : ` (${setting})`;
    onProblem(
      errors.error('STORE_UNWRITABLE', { what: `cannot write the telemetry store "${path}"${behind}`, why, cause }),
    );
  }
}
