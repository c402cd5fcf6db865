import { type LogLevel, type LogRecord, severityNumbers } from '../logging/log-record.js';
import { type JsonKeyValue, readAttributes, readTime, writeAttributes, writeTime } from './json-values.js';
import type { Resource } from './resource.js';

interface JsonLog {
  readonly timeUnixNano: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: { readonly stringValue?: string };
  readonly attributes?: readonly JsonKeyValue[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly flags?: number;
}

/** One `ExportLogsServiceRequest` in OTLP/JSON. */
export interface JsonLogsRequest {
  readonly resourceLogs: readonly {
    readonly resource?: { readonly attributes?: readonly JsonKeyValue[] };
    readonly scopeLogs?: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string };
      readonly logRecords?: readonly JsonLog[];
    }[];
  }[];
}

/** Log entries as one OTLP request. */
export function writeLogsRequest(resource: Resource, logs: readonly LogRecord[]): JsonLogsRequest {
  const scopeLogs = logs.map((log) => ({ scope: log.scope, logRecords: [writeLog(log)] }));
  return { resourceLogs: [{ resource: { attributes: writeAttributes(resource) }, scopeLogs }] };
}

function writeLog({ timeMs, level, message, attributes, trace }: LogRecord): JsonLog {
  return {
    timeUnixNano: writeTime(timeMs),
    severityNumber: severityNumbers[level],
    severityText: level,
    body: { stringValue: message },
    attributes: writeAttributes(attributes),
    ...(trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId, flags: trace.traceFlags }),
  };
}

/** A log entry with the resource that emitted it. */
export interface ReceivedLog extends LogRecord {
  readonly resource: Resource;
}

/** The log entries of an OTLP request. */
export function readLogsRequest(request: JsonLogsRequest): readonly ReceivedLog[] {
  return request.resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const attributes = readAttributes(resource?.attributes);
    return (scopeLogs ?? []).flatMap(({ scope, logRecords }) =>
      (logRecords ?? []).map((log) => ({
        resource: attributes,
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
        ...readLog(log),
      })),
    );
  });
}

function readLog(log: JsonLog): Omit<LogRecord, 'scope'> {
  const { traceId = '', spanId = '', flags = 0 } = log;
  return {
    timeMs: readTime(log.timeUnixNano),
    level: levelOf(log.severityNumber ?? 9),
    message: log.body?.stringValue ?? '',
    attributes: readAttributes(log.attributes),
    trace: traceId === '' ? undefined : { traceId, spanId, traceFlags: flags },
  };
}

function levelOf(severity: number): LogLevel {
  if (severity >= severityNumbers.error) return 'error';
  if (severity >= severityNumbers.warn) return 'warn';
  return severity >= severityNumbers.info ? 'info' : 'debug';
}
