import type { Observability } from '../observability.js';
import { Redaction } from '../redaction/redaction.js';
import { nowMs } from '../tracing/clock.js';
import { describeFailure } from '../tracing/failure.js';
import type { Attributes } from '../tracing/span-record.js';
import { VERSION } from '../version.js';
import { type LogLevel, type LogRecord, severityNumbers } from './log-record.js';

/** Logs with the trace of the operation that runs where it is called. */
export interface Logger {
  debug(message: string, attributes?: Attributes): void;
  info(message: string, attributes?: Attributes): void;
  warn(message: string, attributes?: Attributes): void;
  /** `failure`: what was thrown; its type, message and stack become attributes. */
  error(message: string, failure?: unknown, attributes?: Attributes): void;
}

export interface LoggerOptions {
  /** Who logs, for example the name of a module; default `sabot.user`. */
  readonly name?: string;
  /** Entries below are dropped; default `info`. */
  readonly level?: LogLevel;
  /** `text` for people, `json` for programs, one object a line; default `text` on a terminal, else `json`. */
  readonly format?: 'text' | 'json';
  /** Gets each finished line; default: standard error. */
  readonly print?: (line: string) => void;
  /** What is taken out of messages and attributes; default: what is recognisably secret. */
  readonly redaction?: Redaction;
  /** Gets each entry as data too, for example to send it. */
  readonly sink?: (record: LogRecord) => void;
}

/** A logger whose lines carry `trace_id` and `span_id` of the active span, so that a line leads to its trace and back. */
export function createLogger(observability: Pick<Observability, 'activeContext'>, options: LoggerOptions = {}): Logger {
  const { level: lowest = 'info', format = process.stderr.isTTY === true ? 'text' : 'json' } = options;
  const { redaction = new Redaction() } = options;
  const { print = (line: string) => void process.stderr.write(`${line}\n`), sink } = options;
  const scope = { name: options.name ?? 'sabot.user', version: VERSION };
  const log = (level: LogLevel, message: string, attributes: Attributes): void => {
    if (severityNumbers[level] < severityNumbers[lowest]) return;
    const trace = observability.activeContext();
    const record = redaction.log({ scope, timeMs: nowMs(), level, message, attributes, trace });
    print(format === 'json' ? jsonLine(record) : textLine(record));
    sink?.(record);
  };
  return {
    debug: (message, attributes = {}) => log('debug', message, attributes),
    info: (message, attributes = {}) => log('info', message, attributes),
    warn: (message, attributes = {}) => log('warn', message, attributes),
    error: (message, failure, attributes = {}) =>
      log('error', message, failure === undefined ? attributes : { ...describeFailure(failure).event, ...attributes }),
  };
}

function jsonLine({ timeMs, level, message, scope, attributes, trace }: LogRecord): string {
  const correlation = trace === undefined ? {} : { trace_id: trace.traceId, span_id: trace.spanId };
  return JSON.stringify({
    time: new Date(timeMs).toISOString(),
    level,
    logger: scope.name,
    message,
    ...correlation,
    ...attributes,
  });
}

function textLine({ timeMs, level, message, attributes, trace }: LogRecord): string {
  const time = new Date(timeMs).toISOString().slice(11, 23);
  const facts = Object.entries(attributes)
    .filter(([name]) => name !== 'exception.stacktrace')
    .map(([name, value]) => `${name}=${value}`);
  const correlation = trace === undefined ? [] : [`trace_id=${trace.traceId}`, `span_id=${trace.spanId}`];
  const stack = attributes['exception.stacktrace'];
  const line = [time, level.toUpperCase().padEnd(5), message, ...facts, ...correlation].join(' ');
  return stack === undefined ? line : `${line}\n${stack}`;
}
