import { assembleObservability } from '../assemble.js';
import type { TelemetrySettings } from '../config/resolve-config.js';
import { createConsoleOutlet } from '../export/console-outlet.js';
import { LogPipeline } from '../export/log-pipeline.js';
import type { Outlet } from '../export/outlet.js';
import { openPrometheusEndpoint, type PrometheusEndpoint } from '../export/prometheus-endpoint.js';
import { SpanPipeline } from '../export/span-pipeline.js';
import { createLogger, type LoggerOptions } from '../logging/logger.js';
import { MetricRegistry } from '../metrics/metric-registry.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import { processResource, type Resource } from '../otlp/resource.js';
import { FlightRecorder } from '../recorder/flight-recorder.js';
import { createStoreOutlet } from '../store/store-outlet.js';
import { telemetry as ownCatalogue } from '../telemetry.js';
import { createOwnSpanBackend } from '../tracing/own-backend.js';
import { RetroactiveSampling } from '../tracing/retroactive-sampling.js';
import { ratioSampler } from '../tracing/sampling.js';
import { Problems } from './problems.js';
import { createPushOutlets } from './push-outlets.js';
import { RunningTelemetry, type TelemetryParts } from './running-telemetry.js';
import { registerSdk } from './sdk-registration.js';
import type { RunningObservability, StartOptions, TelemetryStatus } from './start-options.js';

const METRIC_INTERVAL_MS = 5000;

/** Starts telemetry that Sabot owns: its spans, its exporters, and the SDK for users' own spans where it is installed. */
export async function startOwnTelemetry(
  settings: TelemetrySettings,
  options: StartOptions,
): Promise<RunningObservability> {
  const problems = new Problems(options.onProblem);
  const registry = new MetricRegistry({ exponentialHistograms: settings.otlpHistograms === 'exponential' });
  const parts = await startParts(settings, options, registry, problems);
  const { outlets, pipeline, endpoint, sdk, logs, retroactive } = parts;
  const running = new RunningTelemetry(parts);
  const flightRecorder = new FlightRecorder();
  const core = assembleObservability({
    mode: 'sabot',
    serviceName: settings.serviceName,
    detail: settings.detail,
    registry,
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
  const status = (): TelemetryStatus => ({
    mode: 'sabot',
    prometheusUrl: endpoint?.url,
    storePath: settings.storePath ?? undefined,
    spansMade: pipeline.made,
    exporters: outlets.map(statusOf),
    problems: [...problems.seen, ...sdk.notes],
  });
  const logger = (given?: Omit<LoggerOptions, 'sink'>) => createLogger(core, { ...given, sink: logs.logged });
  return Object.assign(core, { collect: () => registry.collect(), flightRecorder, status, logger });
}

/** Everything that runs: exporters, the endpoint, the pipelines that feed them, and the SDK. */
async function startParts(
  settings: TelemetrySettings,
  options: StartOptions,
  registry: MetricRegistry,
  problems: Problems,
): Promise<TelemetryParts> {
  const resource = processResource(settings.serviceName, options.resource);
  const outlets = createOutlets(settings, resource, problems);
  const pipeline = new SpanPipeline(outlets);
  const sdk = await registerSdk(settings.sampleRate, pipeline);
  const collect = async () => [...registry.collect(), ...(await sdk.userMetrics.collect())];
  const endpoint = await openEndpoint(settings, options, resource, collect).catch((problem: unknown) => {
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
    // Whoever handles problems also gets the report; the line is for those who do not.
    tell: options.onProblem === undefined ? problems.note : () => undefined,
  };
}

function statusOf(outlet: Outlet): TelemetryStatus['exporters'][number] {
  const { name, ledger } = outlet;
  const spilled = outlet.spilled?.() ?? { spans: 0, points: 0, logs: 0 };
  return { name, delivered: ledger.delivered, spilled, lost: ledger.losses() };
}

function createOutlets(settings: TelemetrySettings, resource: Resource, problems: Problems): readonly Outlet[] {
  const outlets: Outlet[] = [];
  const { storePath: path, serviceName, consoleTracing } = settings;
  if (path !== null) outlets.push(createStoreOutlet({ path, serviceName, resource, onProblem: problems.later }));
  if (consoleTracing) outlets.push(createConsoleOutlet());
  outlets.push(...createPushOutlets(settings, resource, problems.later));
  return outlets;
}

async function openEndpoint(
  { prometheusPort: port }: TelemetrySettings,
  { prometheusHost }: StartOptions,
  resource: Resource,
  collect: () => Promise<readonly MetricSnapshot[]>,
): Promise<PrometheusEndpoint | undefined> {
  if (port === null) return undefined;
  const host = prometheusHost === undefined ? {} : { host: prometheusHost };
  return await openPrometheusEndpoint({ port, ...host, resource, collect });
}
