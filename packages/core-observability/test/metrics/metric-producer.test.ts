import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createObservability, defineTelemetry } from '../../src/index.js';
import { metricProducer, resolveConfig, startObservability } from '../../src/sdk.js';

const catalogue = defineTelemetry({
  scope: '@sabot/stream',
  attributes: { pipeline: { type: 'string', brief: 'The pipeline.' } },
  metrics: {
    rows: { name: 'sabot.rows', kind: 'counter', unit: '{row}', brief: 'Rows.', attributes: ['pipeline'] },
    waiting: {
      name: 'sabot.waiting',
      kind: 'upDownCounter',
      unit: '{row}',
      brief: 'Waiting.',
      attributes: ['pipeline'],
    },
    lag: { name: 'sabot.lag', kind: 'gauge', unit: 's', brief: 'Lag.', attributes: ['pipeline'] },
    duration: { name: 'sabot.duration', kind: 'histogram', unit: 's', brief: 'Batches.', attributes: ['pipeline'] },
  },
  spans: {},
});

/** The reader of OpenTelemetry's documentation for collecting by hand. */
class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {
    // Nothing is kept back.
  }
  protected override async onShutdown(): Promise<void> {
    // Nothing is held.
  }
}

function record(observability: ReturnType<typeof createObservability>): void {
  const { metrics } = observability.instruments(catalogue);
  metrics.rows.series({ pipeline: 'p' }).add(7);
  metrics.waiting.series({ pipeline: 'p' }).add(-2);
  metrics.lag.series({ pipeline: 'p' }).set(1.5);
  metrics.duration.series({ pipeline: 'p' }).record(0.003);
}

describe('metricProducer', () => {
  it('gives a manual reader every kind of metric, beside the application’s own', async () => {
    const observability = createObservability({ applicationMetrics: 'producer' });
    record(observability);
    const reader = new ManualReader({ metricProducers: [metricProducer(observability)] });
    const provider = new MeterProvider({ readers: [reader] });
    onTestFinished(() => provider.shutdown());
    provider.getMeter('my-app').createCounter('orders').add(1);
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope.name)).toEqual(['my-app', '@sabot/stream']);
    const [rows, waiting, lag, duration] = resourceMetrics.scopeMetrics[1]?.metrics ?? [];
    const attributes = { pipeline: 'p' };
    expect(rows).toMatchObject({
      descriptor: { name: 'sabot.rows', unit: '{row}', description: 'Rows.' },
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [{ attributes, value: 7 }],
    });
    expect(waiting).toMatchObject({
      dataPointType: DataPointType.SUM,
      isMonotonic: false,
      dataPoints: [{ value: -2 }],
    });
    expect(lag).toMatchObject({ dataPointType: DataPointType.GAUGE, dataPoints: [{ value: 1.5 }] });
    expect(duration).toMatchObject({
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [{ value: { count: 1, sum: 0.003, min: 0.003, max: 0.003 } }],
    });
    const [seconds = 0] = rows?.dataPoints[0]?.endTime ?? [];
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
  });

  it('feeds a periodic reader’s exporter', async () => {
    const observability = createObservability({ applicationMetrics: 'producer' });
    record(observability);
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: 20,
      exportTimeoutMillis: 20,
      metricProducers: [metricProducer(observability)],
    });
    const provider = new MeterProvider({ readers: [reader] });
    onTestFinished(() => provider.shutdown());
    await expect.poll(() => exporter.getMetrics().length).toBeGreaterThan(1);
    const names = exporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(({ metrics }) => metrics.map((each) => each.descriptor.name));
    expect(names).toContain('sabot.duration');
  });

  it('hands over exponential histograms where Sabot keeps them', async () => {
    const telemetry = {
      enabled: true,
      mode: 'sabot',
      storePath: null,
      prometheusPort: null,
      otlpHistograms: 'exponential',
    } as const;
    const observability = await startObservability({ config: resolveConfig({ env: {}, flags: { telemetry } }) });
    onTestFinished(async () => void (await observability.shutdown()));
    observability.instruments(catalogue).metrics.duration.series({ pipeline: 'p' }).record(2);
    const { resourceMetrics } = await metricProducer(observability).collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    expect(metrics.find(({ descriptor }) => descriptor.name === 'sabot.duration')).toMatchObject({
      dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
      dataPoints: [{ value: { count: 1, scale: 20, positive: { offset: 2 ** 20 - 1, bucketCounts: [1] } } }],
    });
  });
});
