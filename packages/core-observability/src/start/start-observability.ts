import { resolveConfig, type TelemetrySettings } from '../config/resolve-config.js';
import { createObservability } from '../create-observability.js';
import { startOwnTelemetry } from './own-telemetry.js';
import { applicationOwnsSdk } from './sdk-registration.js';
import type { RunningObservability, StartOptions, TelemetryStatus } from './start-options.js';

/**
 * Starts telemetry as configured: local store, Prometheus endpoint, console. In mode `auto` an application that
 * registered its own OpenTelemetry SDK keeps it, and Sabot's spans and metrics appear there.
 * Errors: those of `resolveConfig`; with `onProblem: 'throw'` also `SABOT_TELEMETRY_PROMETHEUS_PORT`.
 */
export async function startObservability(options: StartOptions = {}): Promise<RunningObservability> {
  const { telemetry } = options.config ?? resolveConfig();
  const mode = effectiveMode(telemetry);
  if (mode !== 'sabot') {
    const { serviceName, detail } = telemetry;
    return Object.assign(createObservability({ mode, serviceName, detail }), { status: () => idleStatus(mode) });
  }
  return await startOwnTelemetry(telemetry, options);
}

function effectiveMode(telemetry: TelemetrySettings): 'app' | 'sabot' | 'off' {
  if (telemetry.mode === 'off') return 'off';
  if (telemetry.mode === 'app') return 'app';
  // Not enabled: nothing leaves the process, but spans still reach an SDK that the application registers.
  if (!telemetry.enabled) return 'app';
  return telemetry.mode === 'auto' && applicationOwnsSdk() ? 'app' : 'sabot';
}

function idleStatus(mode: 'app' | 'off'): TelemetryStatus {
  return { mode, prometheusUrl: undefined, storePath: undefined, spansMade: 0, exporters: [], problems: [] };
}
