import { context, metrics as metricsApi, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createObservability, defineTelemetry } from '../../src/index.js';
import { DEFAULT_BOUNDARIES } from '../../src/metrics/histogram-series.js';
import { resolveConfig, startObservability } from '../../src/sdk.js';

const catalogue = defineTelemetry({
  scope: '@sabot/stream',
  attributes: { pipeline: { type: 'string', brief: 'The pipeline.' } },
  metrics: {
    rows: { name: 'sabot.rows', kind: 'counter', unit: '{row}', brief: 'Rows.', attributes: ['pipeline'] },
    lag: { name: 'sabot.lag', kind: 'gauge', unit: 's', brief: 'Lag.', attributes: ['pipeline'] },
    waiting: {
      name: 'sabot.waiting',
      kind: 'upDownCounter',
      unit: '{row}',
      brief: 'Waiting.',
      attributes: ['pipeline'],
    },
    duration: { name: 'sabot.duration', kind: 'histogram', unit: 's', brief: 'Batches.', attributes: ['pipeline'] },
  },
  spans: { batch: { name: 'process_batch', kind: 'consumer', brief: 'A batch.', attributes: ['pipeline'] } },
});

/** An application that sets OpenTelemetry up for itself, as its documentation says. */
function applicationSdk() {
  const spans = new InMemorySpanExporter();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const register = () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    metricsApi.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  };
  onTestFinished(() => {
    context.disable();
    trace.disable();
    metricsApi.disable();
  });
  const metric = async (name: string) => {
    await reader.forceFlush();
    const collected = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
    return collected.flatMap((scope) => scope.metrics).find(({ descriptor }) => descriptor.name === name);
  };
  return { spans, register, metric };
}

describe('an application with its own OpenTelemetry SDK', () => {
  it('sees Sabot’s spans inside its own, with no configuration and no second registration', async () => {
    const app = applicationSdk();
    app.register();
    const provider = trace.getTracerProvider();
    const config = resolveConfig({
      env: {},
      flags: { telemetry: { enabled: true, storePath: null, prometheusPort: null } },
    });
    const observability = await startObservability({ config });
    expect(observability.mode).toBe('app');
    expect(trace.getTracerProvider()).toBe(provider);
    const producer = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 };
    await trace.getTracer('my-app').startActiveSpan('handle request', async (request) => {
      const { spans } = observability.instruments(catalogue);
      await spans.batch.trace({ pipeline: 'p' }, async () => trace.getTracer('my-app').startSpan('inner').end(), {
        links: [producer, producer],
      });
      request.end();
    });
    const [inner, batch, request] = app.spans.getFinishedSpans();
    expect(batch?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(inner?.parentSpanContext?.spanId).toBe(batch?.spanContext().spanId);
    expect(batch?.instrumentationScope.name).toBe('@sabot/stream');
    expect(batch?.links.map((link) => link.context.traceId)).toEqual([producer.traceId]);
  });

  it('sees failures with status and exception', () => {
    const app = applicationSdk();
    app.register();
    const observability = createObservability();
    const failing = () =>
      observability.traceOperation('checkpoint', {}, () => {
        throw new RangeError('disk full');
      });
    expect(failing).toThrow();
    const [span] = app.spans.getFinishedSpans();
    expect(span?.status).toEqual({ code: 2, message: 'disk full' });
    expect(span?.events[0]?.attributes?.['exception.type']).toBe('RangeError');
  });

  it('reads Sabot’s metrics at its own collections, as instruments of each kind', async () => {
    const app = applicationSdk();
    app.register();
    const observability = createObservability();
    const { metrics } = observability.instruments(catalogue);
    metrics.rows.series({ pipeline: 'p' }).add(7);
    metrics.lag.series({ pipeline: 'p' }).set(1.5);
    metrics.waiting.series({ pipeline: 'p' }).add(-2);
    metrics.duration.series({ pipeline: 'p' }).record(0.003);
    const point = { attributes: { pipeline: 'p' } };
    expect(await app.metric('sabot.rows')).toMatchObject({ isMonotonic: true, dataPoints: [{ ...point, value: 7 }] });
    expect(await app.metric('sabot.lag')).toMatchObject({ dataPoints: [{ ...point, value: 1.5 }] });
    expect(await app.metric('sabot.waiting')).toMatchObject({
      isMonotonic: false,
      dataPoints: [{ ...point, value: -2 }],
    });
    const duration = await app.metric('sabot.duration');
    expect(duration?.dataPoints[0]?.value).toMatchObject({
      count: 1,
      sum: 0.003,
      buckets: { boundaries: DEFAULT_BOUNDARIES },
    });
  });

  it('may register its SDK after Sabot has started', async () => {
    const app = applicationSdk();
    const observability = createObservability();
    const { metrics, spans } = observability.instruments(catalogue);
    metrics.rows.series({ pipeline: 'p' }).add(7);
    spans.batch.start({ pipeline: 'before' }).end();
    app.register();
    spans.batch.start({ pipeline: 'after' }).end();
    await observability.flush();
    expect(app.spans.getFinishedSpans().map((span) => span.attributes)).toEqual([{ pipeline: 'after' }]);
    expect(await app.metric('sabot.rows')).toMatchObject({ dataPoints: [{ value: 7 }] });
  });
});
