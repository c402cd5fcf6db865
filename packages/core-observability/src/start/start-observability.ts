import { join } from 'node:path';
import { resolveConfig, type TelemetrySettings } from '../config/resolve-config.js';
import { createObservability } from '../create-observability.js';
import { createLogger, type LoggerOptions } from '../logging/logger.js';
import { dumpOnCrashAndSignal } from '../recorder/flight-dump.js';
import { sdkRegistered } from '../tracing/sdk-registered.js';
import { startOwnTelemetry } from './own-telemetry.js';
import type { RunningObservability, StartOptions, TelemetryStatus } from './start-options.js';

/**
 * Starts telemetry as configured: local store, Prometheus endpoint, console, OTLP, Jaeger. In mode `auto` an application that
 * registered its own OpenTelemetry SDK keeps it, and Sabot's spans and metrics appear there.
 * Errors: those of `resolveConfig`; with `onProblem: 'throw'` also `SABOT_TELEMETRY_PROMETHEUS_PORT`.
 */
export async function startObservability(options: StartOptions = {}): Promise<RunningObservability> {
  const { telemetry } = options.config ?? resolveConfig();
  const mode = effectiveMode(telemetry);
  if (mode === 'sabot') return withFlightDumps(await startOwnTelemetry(telemetry, options), telemetry);
  const { serviceName, detail } = telemetry;
  const core = createObservability({ mode, serviceName, detail });
  const logger = (given?: Omit<LoggerOptions, 'sink'>) => createLogger(core, given);
  const idle = Object.assign(core, { status: () => idleStatus(mode), logger });
  return mode === 'off' ? idle : withFlightDumps(idle, telemetry);
}

/** Dumps the flight recorder on a crash and on `SIGUSR2` until shutdown, where there is a store to dump into. */
function withFlightDumps(observability: RunningObservability, settings: TelemetrySettings): RunningObservability {
  const { storePath, enabled } = settings;
  if (!enabled || storePath === null) return observability;
  const watching = dumpOnCrashAndSignal(observability, join(storePath, '.flight'), (outcome) => {
    const text = typeof outcome === 'string' ? `flight recorder written to ${outcome}` : outcome.message;
    process.stderr.write(`sabot telemetry: ${text}\n`);
  });
  const { shutdown } = observability;
  return Object.assign(observability, {
    shutdown: (timeoutMs?: number) => {
      watching.remove();
      return shutdown(timeoutMs);
    },
  });
}

function effectiveMode(telemetry: TelemetrySettings): 'app' | 'sabot' | 'off' {
  if (telemetry.mode === 'off') return 'off';
  if (telemetry.mode === 'app') return 'app';
  // Not enabled: nothing leaves the process, but spans still reach an SDK that the application registers.
  if (!telemetry.enabled) return 'app';
  return telemetry.mode === 'auto' && sdkRegistered() ? 'app' : 'sabot';
}

function idleStatus(mode: 'app' | 'off'): TelemetryStatus {
  return { mode, prometheusUrl: undefined, storePath: undefined, spansMade: 0, exporters: [], problems: [] };
}
