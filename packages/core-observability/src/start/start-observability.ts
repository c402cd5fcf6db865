import { join } from 'node:path';
import { type ResolvedConfig, resolveConfig, type TelemetrySettings } from '../config/resolve-config.js';
import { createObservability } from '../create-observability.js';
import { createLogger, type LoggerOptions } from '../logging/logger.js';
import { dumpOnCrashAndSignal } from '../recorder/flight-dump.js';
import { Redaction } from '../redaction/redaction.js';
import { sdkRegistered } from '../tracing/sdk-registered.js';
import { startOwnTelemetry } from './own-telemetry.js';
import { Problems } from './problems.js';
import type { RunningObservability, StartOptions, TelemetryStatus } from './start-options.js';

/**
 * Starts telemetry as configured: local store, Prometheus endpoint, console, OTLP, Jaeger. In mode `auto` an application that
 * registered its own OpenTelemetry SDK keeps it, and Sabot's spans and metrics appear there.
 * Errors: only with `onProblem: 'throw'`: those of `resolveConfig`, `SABOT_TELEMETRY_PROMETHEUS_PORT`, `SABOT_TELEMETRY_CERTIFICATE`.
 */
export async function startObservability(options: StartOptions = {}): Promise<RunningObservability> {
  const problems = new Problems(options.onProblem);
  const config = configOf(options, problems);
  if (config === undefined) return startIdle('app', options, problems);
  const mode = effectiveMode(config.telemetry);
  if (mode === 'off') return startIdle(mode, options, problems, config.telemetry);
  const running =
    mode === 'app'
      ? startIdle(mode, options, problems, config.telemetry)
      : await startOwnTelemetry(config, options, problems);
  return withFlightDumps(running, config.telemetry);
}

/** The configuration; undefined when it is wrong, which was told then. */
function configOf(options: StartOptions, problems: Problems): ResolvedConfig | undefined {
  try {
    return options.config ?? resolveConfig(options.sources);
  } catch (problem) {
    problems.atStart(problem);
    return undefined;
  }
}

/** Without exporters of its own: in mode `app` the application's SDK and the flight recorder see everything. */
function startIdle(
  mode: 'app' | 'off',
  options: StartOptions,
  problems: Problems,
  settings?: TelemetrySettings,
): RunningObservability {
  const { serviceName = 'sabot', detail = 'operator' } = settings ?? {};
  const redaction = new Redaction(options.redaction);
  const core = createObservability({ mode, serviceName, detail });
  const logger = (given?: Omit<LoggerOptions, 'sink' | 'redaction'>) => createLogger(core, { ...given, redaction });
  return Object.assign(core, { redaction, status: () => idleStatus(mode, problems), logger });
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

function idleStatus(mode: 'app' | 'off', { seen }: Problems): TelemetryStatus {
  return { mode, prometheusUrl: undefined, storePath: undefined, spansMade: 0, exporters: [], problems: [...seen] };
}
