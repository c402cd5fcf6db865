import { type LogLevel, severityNumbers } from '../logging/log-record.js';
import { type JsonLogsRequest, type ReceivedLog, readLogsRequest } from '../otlp/logs-json.js';
import type { Segment } from './segment-files.js';
import { type ReadLosses, readSegment } from './segment-lines.js';

/** Which log entries to give. */
export interface LogFilter {
  readonly service?: string;
  /** Only entries logged inside this trace. */
  readonly traceId?: string;
  /** Only entries of at least this level. */
  readonly level?: LogLevel;
  /** Only entries at or after this time, epoch milliseconds. */
  readonly sinceMs?: number;
  /** At most this many, the newest; default 100. */
  readonly limit?: number;
}

/** The newest entries that fit, oldest first, as one reads them. */
export async function queryLogs(
  segments: readonly Segment[],
  filter: LogFilter,
  losses: ReadLosses,
): Promise<readonly ReceivedLog[]> {
  const { limit = 100, traceId, sinceMs = 0 } = filter;
  const found: ReceivedLog[] = [];
  const wanted = (line: string) => traceId === undefined || line.includes(traceId);
  for (const segment of [...segments].sort((left, right) => right.lastWriteMs - left.lastWriteMs)) {
    if (segment.lastWriteMs < sinceMs || found.length >= limit) break;
    for (const request of await readSegment<JsonLogsRequest>(segment, losses, wanted)) {
      found.push(...readLogsRequest(request).filter((log) => fits(log, filter)));
    }
  }
  return found.sort((left, right) => left.timeMs - right.timeMs).slice(-limit);
}

function fits(log: ReceivedLog, { traceId, level = 'debug', sinceMs = 0 }: LogFilter): boolean {
  const inTrace = traceId === undefined || log.trace?.traceId === traceId;
  return inTrace && severityNumbers[log.level] >= severityNumbers[level] && log.timeMs >= sinceMs;
}
