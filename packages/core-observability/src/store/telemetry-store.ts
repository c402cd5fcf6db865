import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../errors.js';
import type { ReceivedLog } from '../otlp/logs-json.js';
import { type LogFilter, queryLogs } from './log-query.js';
import { type MetricFilter, queryMetrics, type StoredSeries } from './metric-query.js';
import { listSegments, type Segment, type StoredSignal, serviceFolder, serviceOfFolder } from './segment-files.js';
import type { ReadLosses } from './segment-lines.js';
import { queryTraces, type TraceFilter } from './trace-query.js';
import type { TraceTree } from './trace-tree.js';
import { queryWaiting, type WaitingTelemetry } from './waiting-telemetry.js';

/** What the store holds. */
export interface StoreSummary {
  readonly services: readonly string[];
  readonly files: number;
  readonly bytes: number;
  /** Epoch milliseconds; undefined when the store is empty. */
  readonly oldestMs: number | undefined;
  readonly newestMs: number | undefined;
}

/** Reads what the processes of this machine wrote; also while they write. */
export interface TelemetryStore {
  readonly path: string;
  /** Lines that the queries so far had to skip. */
  readonly losses: Readonly<ReadLosses>;
  summary(): Promise<StoreSummary>;
  /** The newest traces that fit the filter, newest first. */
  traces(filter?: TraceFilter): Promise<readonly TraceTree[]>;
  /** The newest log entries that fit, oldest first; there are some when `telemetry.logs` is on. */
  logs(filter?: LogFilter): Promise<readonly ReceivedLog[]>;
  /** The latest point of each series of the newest run, sorted by Prometheus name. */
  metrics(filter?: MetricFilter): Promise<readonly StoredSeries[]>;
  /** What could not be sent yet, by service and exporter, whether a process runs or not; none: nothing waits. */
  waiting(): Promise<readonly WaitingTelemetry[]>;
}

/**
 * Opens the local store for reading; a folder that does not exist is an empty store.
 * Errors of its methods: `SABOT_TELEMETRY_STORE_UNREADABLE`.
 */
export function openTelemetryStore(path = join('.sabot', 'telemetry')): TelemetryStore {
  const losses: ReadLosses = { tornLines: 0, badLines: 0 };
  const guarded = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (cause) {
      // Only what the file system said is about the store; everything else is a defect and stays one.
      if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
      const what = `cannot read the telemetry store "${path}"`;
      throw errors.error('STORE_UNREADABLE', { what, why: cause.message, cause });
    }
  };
  return {
    path,
    losses,
    summary: () => guarded(() => summarise(path)),
    traces: (filter = {}) =>
      guarded(async () => queryTraces(await segmentsOf(path, 'traces', undefined), filter, losses)),
    logs: (filter = {}) =>
      guarded(async () => queryLogs(await segmentsOf(path, 'logs', filter.service), filter, losses)),
    metrics: (filter = {}) =>
      guarded(async () => queryMetrics(await segmentsOf(path, 'metrics', filter.service), filter, losses)),
    waiting: () => guarded(() => queryWaiting(path)),
  };
}

async function servicesIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory());
    return folders.map(({ name }) => serviceOfFolder(name)).filter((name) => name !== undefined);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function segmentsOf(
  path: string,
  signal: StoredSignal,
  service: string | undefined,
): Promise<readonly Segment[]> {
  const services = service === undefined ? await servicesIn(path) : [service];
  const folders = await Promise.all(services.map((name) => listSegments(serviceFolder(path, name))));
  return folders.flat().filter((segment) => segment.signal === signal);
}

async function summarise(path: string): Promise<StoreSummary> {
  const services = await servicesIn(path);
  const segments = (await Promise.all(services.map((name) => listSegments(serviceFolder(path, name))))).flat();
  return {
    services,
    files: segments.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    oldestMs: segments.length === 0 ? undefined : Math.min(...segments.map(({ createdMs }) => createdMs)),
    newestMs: segments.length === 0 ? undefined : Math.max(...segments.map(({ lastWriteMs }) => lastWriteMs)),
  };
}
