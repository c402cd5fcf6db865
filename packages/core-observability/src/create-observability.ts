import { assembleObservability } from './assemble.js';
import { createDisabledObservability } from './disabled.js';
import { ApplicationMetrics } from './metrics/application-metrics.js';
import { MetricRegistry } from './metrics/metric-registry.js';
import type { MetricSnapshot } from './metrics/snapshot.js';
import type { DetailLevel, Observability } from './observability.js';
import { FlightRecorder, type FlightRecorderOptions } from './recorder/flight-recorder.js';
import { createApiSpanBackend } from './tracing/api-backend.js';

/** Options of `createObservability`. */
export interface ObservabilityOptions {
  /** `app` (default): through whatever OpenTelemetry SDK the application registers, none included. `off`: nothing at all. */
  readonly mode?: 'app' | 'off';
  /** Default `sabot`. The application's SDK has its own service name; this one names the flight recorder's dumps. */
  readonly serviceName?: string;
  /** Default `operator`. */
  readonly detail?: DetailLevel;
  /** Most series of one metric; further ones are counted into an overflow series. Default 2000. */
  readonly seriesLimit?: number;
  /**
   * How metrics reach the application's SDK: `instruments` (default) publishes observable instruments with its global
   * meter provider; `producer` leaves that to `metricProducer` of `@sabot/core-observability/sdk`.
   */
  readonly applicationMetrics?: 'instruments' | 'producer';
  /** How much of the recent past is always kept. */
  readonly flightRecorder?: FlightRecorderOptions;
}

/** An observability that can also be read in this process. */
export interface ReadableObservability extends Observability {
  /** Every series that has a value now. */
  collect(): readonly MetricSnapshot[];
  readonly flightRecorder: FlightRecorder;
}

/**
 * An observability over the application's OpenTelemetry: its spans and metrics appear in the SDK that the application
 * registered through `@opentelemetry/api`; without one, metrics and the flight recorder still work in memory.
 * For a Sabot that brings its own exporters, see `startObservability` in `@sabot/core-observability/sdk`.
 */
export function createObservability(options: ObservabilityOptions = {}): ReadableObservability {
  const { mode = 'app', serviceName = 'sabot', detail = 'operator' } = options;
  const registry = new MetricRegistry(options.seriesLimit === undefined ? {} : { seriesLimit: options.seriesLimit });
  const flightRecorder = new FlightRecorder(mode === 'off' ? { capacity: 1 } : options.flightRecorder);
  const collect = () => registry.collect();
  if (mode === 'off') return { ...createDisabledObservability(serviceName), collect, flightRecorder };
  const application = new ApplicationMetrics();
  const core = assembleObservability({
    mode: 'app',
    serviceName,
    detail,
    registry,
    backend: createApiSpanBackend(flightRecorder),
    instrumentMade: (instrument) => {
      if (options.applicationMetrics !== 'producer') application.add(instrument);
    },
    // The application's SDK owns delivery: it flushes and stops with the application.
    flush: async () => {
      application.refresh();
    },
    shutdown: async () => {
      application.close();
      return { delivered: { spans: 0, points: 0 }, spilled: { spans: 0, points: 0, logs: 0 }, lost: [] };
    },
  });
  return Object.assign(core, { collect, flightRecorder });
}
