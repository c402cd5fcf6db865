import { assembleObservability } from '../assemble.js';
import type { ResolvedConfig, TelemetrySettings } from '../config/resolve-config.js';
import { settingInWords } from '../config/shown-settings.js';
import { createConsoleOutlet } from '../export/console-outlet.js';
import { LogPipeline } from '../export/log-pipeline.js';
import type { Outlet } from '../export/outlet.js';
import { openPrometheusEndpoint, type PrometheusEndpoint } from '../export/prometheus-endpoint.js';
import { SpanPipeline } from '../export/span-pipeline.js';
import { SERIES_PER_TURN } from '../export/turns.js';
import { createLogger, type LoggerOptions } from '../logging/logger.js';
import { MetricRegistry } from '../metrics/metric-registry.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import type { Registration } from '../observability.js';
import { processResource, type Resource } from '../otlp/resource.js';
import { FlightRecorder } from '../recorder/flight-recorder.js';
import { Redaction } from '../redaction/redaction.js';
import { announceProcess } from '../store/live-processes.js';
import { createStoreOutlet } from '../store/store-outlet.js';
import { telemetry as ownCatalogue } from '../telemetry.js';
import { createOwnSpanBackend } from '../tracing/own-backend.js';
import { RetroactiveSampling } from '../tracing/retroactive-sampling.js';
import { ratioSampler } from '../tracing/sampling.js';
import { missingPackagesProblem } from './optional-package.js';
import type { Problems } from './problems.js';
import { createPushOutlets } from './push-outlets.js';
import { RunningTelemetry, type TelemetryParts } from './running-telemetry.js';
import { registerSdk } from './sdk-registration.js';
import type { RunningObservability, StartOptions, TelemetryStatus } from './start-options.js';

const METRIC_INTERVAL_MS = 5000;

/** Starts telemetry that Sabot owns: its spans, its exporters, and the SDK for users' own spans where it is installed. */
export async function startOwnTelemetry(
  config: ResolvedConfig,
  options: StartOptions,
  problems: Problems,
): Promise<RunningObservability> {
  const settings = config.telemetry;
  const redaction = redactionOf(config, options);
  const registry = new MetricRegistry({
    exponentialHistograms: settings.otlpHistograms === 'exponential',
    clean: (attributes) => redaction.attributes(attributes),
  });
  const parts = await startParts(config, options, registry, redaction, problems);
  const { outlets, pipeline, endpoint, sdk, logs, retroactive } = parts;
  const running = new RunningTelemetry(parts);
  const flightRecorder = new FlightRecorder();
  const core = assembleObservability({
    mode: 'sabot',
    serviceName: settings.serviceName,
    detail: settings.detail,
    registry,
    declared: (catalogue) => redaction.declare(catalogue),
    backend: createOwnSpanBackend({
      sampler: ratioSampler(settings.sampleRate),
      sink: pipeline,
      recorder: flightRecorder,
      retroactive,
      activation: sdk.activation,
      trustParentSampling: options.trustParentSampling ?? true,
    }),
    flush: (timeoutMs) => running.flush(timeoutMs),
    shutdown: (timeoutMs) => running.shutdown(timeoutMs),
  });
  running.begin(core.instruments(ownCatalogue));
  running.alsoStop(announce(settings, endpoint));
  const status = (): TelemetryStatus => ({
    mode: 'sabot',
    prometheusUrl: endpoint?.url,
    storePath: settings.storePath ?? undefined,
    spansMade: pipeline.made,
    exporters: outlets.map(statusOf),
    problems: [...problems.seen],
  });
  const logger = (given?: Omit<LoggerOptions, 'sink' | 'redaction'>) =>
    createLogger(core, { ...given, redaction, sink: logs.logged });
  return Object.assign(core, { collect: () => registry.collect(), flightRecorder, redaction, status, logger });
}

function announce(
  { storePath, serviceName: service }: TelemetrySettings,
  endpoint: PrometheusEndpoint | undefined,
): Registration {
  if (storePath === null) return { remove: () => undefined };
  return announceProcess(storePath, { service, startedAtMs: Date.now(), prometheusUrl: endpoint?.url ?? null });
}

/** Everything that runs: exporters, the endpoint, the pipelines that feed them, and the SDK. */
async function startParts(
  config: ResolvedConfig,
  options: StartOptions,
  registry: MetricRegistry,
  redaction: Redaction,
  problems: Problems,
): Promise<TelemetryParts> {
  const settings = config.telemetry;
  const resource = processResource(settings.serviceName, options.resource);
  const outlets = createOutlets(config, resource, problems);
  const pipeline = new SpanPipeline(outlets, redaction);
  const sdk = await registerSdk(settings.sampleRate, pipeline);
  problems.lacking(missingPackagesProblem(sdk.missing));
  async function* collect(): AsyncGenerator<MetricSnapshot> {
    yield* registry.parts(SERIES_PER_TURN);
    yield* await sdk.userMetrics.collect();
  }
  const endpoint = await openEndpoint(config, options, resource, collect).catch((problem: unknown) => {
    if (options.onProblem === 'throw') {
      pipeline.stop();
      sdk.shutdown();
    }
    problems.atStart(problem);
    return undefined;
  });
  return {
    registry,
    outlets,
    endpoint,
    pipeline,
    logs: new LogPipeline(settings.logs ? outlets : []),
    sdk,
    metricIntervalMs: options.metricIntervalMs ?? METRIC_INTERVAL_MS,
    retroactive: new RetroactiveSampling(),
    redaction,
    // Whoever handles problems also gets the report; the line is for those who do not.
    tell: options.onProblem === undefined ? problems.note : () => undefined,
  };
}

function statusOf(outlet: Outlet): TelemetryStatus['exporters'][number] {
  const { name, ledger } = outlet;
  const spilled = outlet.spilled?.() ?? { spans: 0, points: 0, logs: 0 };
  const { bytes: spilledBytes, sinceMs: spilledSinceMs } = outlet.onDisk?.() ?? { bytes: 0, sinceMs: undefined };
  return { name, delivered: ledger.delivered, spilled, spilledBytes, spilledSinceMs, lost: ledger.losses() };
}

function createOutlets(config: ResolvedConfig, resource: Resource, problems: Problems): readonly Outlet[] {
  const outlets: Outlet[] = [];
  const { storePath: path, serviceName, consoleTracing } = config.telemetry;
  const setting = settingInWords(config, 'telemetry.store_path');
  if (path !== null)
    outlets.push(createStoreOutlet({ path, setting, serviceName, resource, onProblem: problems.later }));
  if (consoleTracing) outlets.push(createConsoleOutlet());
  try {
    outlets.push(...createPushOutlets(config, resource, problems.later));
  } catch (problem) {
    problems.atStart(problem);
  }
  return outlets;
}

function redactionOf({ telemetry }: ResolvedConfig, { redaction }: StartOptions): Redaction {
  const configured = telemetry.allowedAttributes?.split(',').map((name) => name.trim());
  return new Redaction({ ...(configured === undefined ? {} : { allowedAttributes: configured }), ...redaction });
}

async function openEndpoint(
  config: ResolvedConfig,
  { prometheusHost }: StartOptions,
  resource: Resource,
  collect: () => AsyncIterable<MetricSnapshot>,
): Promise<PrometheusEndpoint | undefined> {
  const { prometheusPort: port } = config.telemetry;
  if (port === null) return undefined;
  const setting = settingInWords(config, 'telemetry.prometheus_port');
  const host = prometheusHost === undefined ? {} : { host: prometheusHost };
  return await openPrometheusEndpoint({ port, setting, ...host, resource, collect });
}
