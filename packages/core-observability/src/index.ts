export {
  type AttributeDeclaration,
  defineTelemetry,
  type MetricAttributes,
  type MetricDeclaration,
  type MetricKind,
  type SpanAttributes,
  type SpanDeclaration,
  type SpanKindName,
  type TelemetryCatalogue,
} from './catalogue/catalogue.js';
export { prometheusName } from './catalogue/prometheus-name.js';
export {
  createObservability,
  type ObservabilityOptions,
  type ReadableObservability,
} from './create-observability.js';
export { defaultObservability, setDefaultObservability } from './default-observability.js';
export { createDisabledObservability } from './disabled.js';
export {
  defineErrors,
  type ErrorCatalogue,
  type ErrorDeclaration,
  type ErrorDeclarations,
  type ErrorKind,
  isSabotError,
  SabotError,
  type SabotErrorOptions,
} from './errors/index.js';
export { errors as coreObservabilityErrors } from './errors.js';
export type {
  Exemplar,
  HistogramPoint,
  MetricDescriptor,
  MetricPoint,
  MetricSnapshot,
  NumberPoint,
} from './metrics/snapshot.js';
export type {
  BusinessCounter,
  BusinessMetricOptions,
  Counter,
  DetailLevel,
  Gauge,
  Histogram,
  Instruments,
  KeepReason,
  Metric,
  Observability,
  Registration,
  ShutdownReport,
  SpanFactory,
  SpanHandle,
  SpanStartOptions,
  TelemetryMode,
} from './observability.js';
export { type Baggage, extractBaggage, injectBaggage } from './propagation/baggage.js';
export { carrierOf } from './propagation/carriers.js';
export { extractContext, injectContext } from './propagation/trace-headers.js';
export { dumpFlightRecorder, type FlightSource } from './recorder/flight-dump.js';
export type { FlightRecorder } from './recorder/flight-recorder.js';
export { telemetry as coreObservabilityTelemetry } from './telemetry.js';
export type { HeaderCarrier, TraceContext } from './tracing/trace-context.js';
