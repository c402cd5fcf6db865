import type { LogRecord } from '../logging/log-record.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import type { SpanRecord } from '../tracing/span-record.js';
import type { DeliveryLedger, Signal } from './delivery-ledger.js';

/** The size of what waits on disk, and when the first of it was put there (epoch milliseconds; undefined: nothing waits). */
export interface OnDisk {
  readonly bytes: number;
  readonly sinceMs: number | undefined;
}

/** One destination of telemetry. It queues what it is handed, within bounds, and never makes the caller wait. */
export interface Outlet {
  /** The name in `status` and in metrics: `store`, `console`, `otlp`, `jaeger`. */
  readonly name: string;
  readonly ledger: DeliveryLedger;
  acceptSpans(spans: readonly SpanRecord[]): void;
  acceptPoints(snapshots: readonly MetricSnapshot[]): void;
  /** Absent where logs are not taken. */
  acceptLogs?(logs: readonly LogRecord[]): void;
  /** What waits on disk to be sent later; absent where nothing is kept for later. */
  spilled?(): Readonly<Record<Signal, number>>;
  /** How much that is, and since when. */
  onDisk?(): OnDisk;
  /** Resolves when everything accepted so far is delivered, spilled or counted as lost. */
  flush(): Promise<void>;
  /** Flushes within the deadline, counts what did not make it, and frees what the outlet holds. Idempotent. */
  close(deadlineMs: number): Promise<void>;
}

/** How many series a list of snapshots carries: what ledgers count as points. */
export function countPoints(snapshots: readonly MetricSnapshot[]): number {
  return snapshots.reduce((sum, snapshot) => sum + snapshot.points.length, 0);
}
