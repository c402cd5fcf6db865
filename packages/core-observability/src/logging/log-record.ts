import type { Attributes, ScopeIdentity } from '../tracing/span-record.js';
import type { TraceContext } from '../tracing/trace-context.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One log entry, in the form that every exporter serialises. */
export interface LogRecord {
  readonly scope: ScopeIdentity;
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly attributes: Attributes;
  /** The span that was active where it was logged. */
  readonly trace: TraceContext | undefined;
}

/** OpenTelemetry's severity numbers. */
export const severityNumbers: Readonly<Record<LogLevel, number>> = { debug: 5, info: 9, warn: 13, error: 17 };
