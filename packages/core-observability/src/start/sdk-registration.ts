import { context as contextApi, createContextKey, ROOT_CONTEXT, trace as traceApi } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createLocalActivation } from '../tracing/local-activation.js';
import { sdkRegistered } from '../tracing/sdk-registered.js';
import type { Activation } from '../tracing/span-backend.js';
import type { SpanSink } from '../tracing/span-record.js';
import { apiActivation } from './api-activation.js';
import { loadOptional, type MissingPackage } from './optional-package.js';
import { toRecord } from './sdk-span-record.js';
import { registerMeters, type UserMetrics } from './user-metrics.js';

/** What Sabot registered with the OpenTelemetry API, and what it could not. */
export interface SdkRegistration {
  readonly activation: Activation;
  readonly userMetrics: UserMetrics;
  /** Packages that are not installed and what does not work without them. */
  readonly missing: readonly MissingPackage[];
  shutdown(): void;
}

/**
 * Registers the OpenTelemetry SDK, as far as it is installed, so that what users' code makes goes with Sabot's.
 * Nothing is registered over what the application registered itself.
 */
export async function registerSdk(sampleRate: number, sink: SpanSink): Promise<SdkRegistration> {
  const missing: MissingPackage[] = [];
  const undo: (() => void)[] = [];
  const activation = await registerContext(missing, undo);
  await registerTracer(sampleRate, sink, missing, undo);
  const userMetrics = await registerMeters(missing, undo);
  return {
    activation,
    userMetrics,
    missing,
    shutdown: () => {
      for (const each of undo.splice(0)) each();
    },
  };
}

async function registerContext(missing: MissingPackage[], undo: (() => void)[]): Promise<Activation> {
  if (contextsWork()) return apiActivation;
  const hooks = await loadOptional(
    '@opentelemetry/context-async-hooks',
    () => import('@opentelemetry/context-async-hooks'),
    'spans of your own code do not become children of Sabot’s',
  );
  if ('missing' in hooks) {
    missing.push(hooks.missing);
    return createLocalActivation();
  }
  const contexts = new hooks.module.AsyncLocalStorageContextManager().enable();
  if (contextApi.setGlobalContextManager(contexts)) undo.push(() => contextApi.disable());
  return apiActivation;
}

/** Whether a context manager is registered: without one, what is made active is not. */
export function contextsWork(): boolean {
  const key = createContextKey('sabot.probe');
  return contextApi.with(ROOT_CONTEXT.setValue(key, true), () => contextApi.active().getValue(key) === true);
}

async function registerTracer(
  sampleRate: number,
  sink: SpanSink,
  missing: MissingPackage[],
  undo: (() => void)[],
): Promise<void> {
  if (sdkRegistered()) return;
  const loaded = await loadOptional(
    '@opentelemetry/sdk-trace-base',
    () => import('@opentelemetry/sdk-trace-base'),
    'spans that your own code makes are not kept',
  );
  if ('missing' in loaded) {
    missing.push(loaded.missing);
    return;
  }
  const sdk = loaded.module;
  const provider = new sdk.BasicTracerProvider({
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRate) }),
    spanProcessors: [forwardTo(sink)],
  });
  if (!traceApi.setGlobalTracerProvider(provider)) return;
  undo.push(() => {
    traceApi.disable();
    provider.shutdown().catch(() => undefined);
  });
}

function forwardTo(sink: SpanSink): SpanProcessor {
  return {
    onStart: () => undefined,
    onEnd: (span) => {
      // Unsampled spans reach processors too when a sampler records without sampling.
      if ((span.spanContext().traceFlags & 1) === 1) sink.ended(toRecord(span));
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
}
