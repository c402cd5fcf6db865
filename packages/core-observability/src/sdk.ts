export type { ConfigOrigin } from './config/found-value.js';
export {
  type ConfigSources,
  type PerformanceSettings,
  type ResolvedConfig,
  resolveConfig,
  type TelemetrySettings,
} from './config/resolve-config.js';
export { type ShownSetting, shownSettings } from './config/shown-settings.js';
export { examineTelemetry } from './doctor/examine-telemetry.js';
export type { DoctorFinding } from './doctor/finding.js';
export { readableDuration, spanLine } from './export/console-outlet.js';
export type { Loss, LossCause, Signal } from './export/delivery-ledger.js';
export type { LogLevel, LogRecord } from './logging/log-record.js';
export { createLogger, type Logger, type LoggerOptions } from './logging/logger.js';
export { metricProducer } from './metrics/metric-producer.js';
export type { ReceivedLog } from './otlp/logs-json.js';
export type { ReceivedSpan } from './otlp/trace-json.js';
export type { Redaction, RedactionOptions } from './redaction/redaction.js';
export { openJaeger, type TraceReader } from './remote/jaeger-traces.js';
export { type RemoteSample, readPrometheus } from './remote/prometheus-samples.js';
export { startObservability } from './start/start-observability.js';
export type { RunningObservability, StartOptions, TelemetryStatus } from './start/start-options.js';
export { type LiveProcess, liveProcesses } from './store/live-processes.js';
export type { LogFilter } from './store/log-query.js';
export type { MetricFilter, StoredSeries } from './store/metric-query.js';
export type { ReadLosses } from './store/segment-lines.js';
export { prometheusText } from './store/stored-prometheus-text.js';
export { openTelemetryStore, type StoreSummary, type TelemetryStore } from './store/telemetry-store.js';
export type { TraceFilter } from './store/trace-query.js';
export type { SpanNode, TraceTree } from './store/trace-tree.js';
export type { WaitingTelemetry } from './store/waiting-telemetry.js';
