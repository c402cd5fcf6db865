import { metrics as metricsApi, trace as traceApi } from '@opentelemetry/api';
import { createObservability, type Observability } from '@sabot/core-observability';
import { resolveConfig, startObservability } from '@sabot/core-observability/sdk';
import { bare, type RunBatch, withOpenTelemetry, withSabot } from './instrumentation.js';
import type { BenchOperator } from './six-operators.js';

/** The pipeline under one setting of telemetry. */
export interface RunningSetting {
  readonly run: RunBatch;
  /** Work that belongs to the setting and happens off the hot path. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Telemetry for a whole job, under one setting. */
export interface JobSetting {
  readonly observability: Observability;
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** All settings run the very same operators on the very same memory: only what is around them differs. */
export type OpenSetting = (operators: readonly BenchOperator[]) => Promise<RunningSetting>;

const nothing = async (): Promise<void> => undefined;
/** Nobody collects while it is measured: that is not a cost of a batch. */
const NEVER_MS = 3_600_000;

/** Nothing around the pipeline: what the others are compared with. */
export const bareSetting: OpenSetting = async (operators) => ({
  run: bare(operators),
  settle: nothing,
  close: nothing,
});

/** Telemetry that is switched off, through the same call as the other settings. */
export const off: OpenSetting = async (operators) => {
  const observability = createObservability({ mode: 'off' });
  return { run: withSabot(operators, observability), settle: nothing, close: nothing };
};

/** No OpenTelemetry SDK in the process: counters and the flight recorder. */
export const recorderOnly: OpenSetting = async (operators) => {
  const observability = createObservability();
  const run = withSabot(operators, observability);
  return { run, settle: nothing, close: async () => void (await observability.shutdown()) };
};

/** Sabot's own telemetry; `storePath`: with the local store, which writes off the hot path. */
export function sampled(sampleRate: number, storePath: string | null = null): OpenSetting {
  return async (operators) => {
    const { observability, settle, close } = await sampledJob(sampleRate, storePath)();
    return { run: withSabot(operators, observability), settle, close };
  };
}

/** The same for a whole job. */
export function sampledJob(sampleRate: number, storePath: string | null = null): () => Promise<JobSetting> {
  return async () => {
    const telemetry = { enabled: true, mode: 'sabot', prometheusPort: null, sampleRate, storePath } as const;
    const config = resolveConfig({ env: {}, flags: { telemetry } });
    const observability = await startObservability({ config, metricIntervalMs: NEVER_MS, onProblem: () => undefined });
    // It registered the SDK for users' own spans; the settings beside it must see a process without one.
    forgetGlobals();
    return {
      observability,
      settle: () => observability.flush(),
      close: async () => void (await observability.shutdown()),
    };
  };
}

/** OpenTelemetry's own instruments with its SDK, a batch processor and an exporter that throws everything away. */
export function openTelemetry(sampleRate: number): OpenSetting {
  return async (operators) => {
    const sdk = await import('@opentelemetry/sdk-trace-base');
    const sdkMetrics = await import('@opentelemetry/sdk-metrics');
    const exporter = {
      export: (_: unknown, done: (result: { code: 0 }) => void) => done({ code: 0 }),
      shutdown: nothing,
    };
    const tracers = new sdk.BasicTracerProvider({
      sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRate) }),
      spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
    });
    const reader = new sdkMetrics.PeriodicExportingMetricReader({
      exporter: new sdkMetrics.InMemoryMetricExporter(sdkMetrics.AggregationTemporality.CUMULATIVE),
      exportIntervalMillis: NEVER_MS,
    });
    const meters = new sdkMetrics.MeterProvider({ readers: [reader] });
    traceApi.setGlobalTracerProvider(tracers);
    metricsApi.setGlobalMeterProvider(meters);
    const run = withOpenTelemetry(operators);
    forgetGlobals();
    const close = async (): Promise<void> => {
      await tracers.shutdown();
      await meters.shutdown();
    };
    return { run, settle: () => tracers.forceFlush(), close };
  };
}

function forgetGlobals(): void {
  traceApi.disable();
  metricsApi.disable();
}
