import { appendFileSync, chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { metrics, trace } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  openTelemetryStore,
  prometheusText,
  type RunningObservability,
  resolveConfig,
  startObservability,
} from '../../src/sdk.js';
import { temporaryFolder } from '../temporary-folder.js';

interface Given {
  readonly storePath?: string | null;
  readonly prometheusPort?: number | null;
  readonly sampleRate?: number;
}

async function started(given: Given): Promise<{ observability: RunningObservability; problems: string[] }> {
  const problems: string[] = [];
  const config = resolveConfig({
    env: {},
    flags: { telemetry: { enabled: true, mode: 'sabot', storePath: null, prometheusPort: null, ...given } },
  });
  const observability = await startObservability({ config, onProblem: (problem) => problems.push(problem.message) });
  onTestFinished(async () => {
    await observability.shutdown();
  });
  return { observability, problems };
}

describe('telemetry that Sabot owns', () => {
  it('writes traces and metrics into the local store and reads them back', async () => {
    const storePath = join(temporaryFolder(), 'telemetry');
    const { observability } = await started({ storePath });
    await observability.traceOperation('stream_register', { pipeline: 'flights' }, async () => {
      observability.traceOperation('state_get', {}, () => undefined);
    });
    expect(() =>
      observability.traceOperation('process_batch', {}, () => {
        throw new Error('no such column');
      }),
    ).toThrow();
    observability.counter('orders_processed').add(3, { region: 'north' });
    const report = await observability.shutdown();
    expect(report.delivered.spans).toBe(3);
    expect(report.lost).toEqual([]);

    const store = openTelemetryStore(storePath);
    const [newest, older] = await store.traces();
    expect(newest).toMatchObject({ errorCount: 1, spanCount: 1, services: ['sabot'] });
    expect(older?.roots[0]?.span.name).toBe('stream_register');
    expect(older?.roots[0]?.children[0]?.span.name).toBe('state_get');
    expect((await store.traces({ errorsOnly: true })).map((each) => each.traceId)).toEqual([newest?.traceId]);
    expect((await store.traces({ operation: 'state_get' })).map((each) => each.traceId)).toEqual([older?.traceId]);
    expect(await store.traces({ service: 'other' })).toEqual([]);
    const [orders] = await store.metrics({ metric: 'orders_processed_total' });
    expect(orders).toMatchObject({ attributes: { region: 'north' }, latest: { value: 3 } });
    expect(prometheusText(await store.metrics({ metric: 'orders_processed' }))).toBe(
      '# TYPE orders_processed_total counter\norders_processed_total{region="north"} 3\n',
    );
    const names = (await store.metrics()).map((series) => series.prometheusName);
    expect(names).toContain('sabot_memory_usage_mb');
    expect(names).toContain('sabot_cpu_usage_percent');
  });

  it('skips a torn last line and counts it', async () => {
    const storePath = join(temporaryFolder(), 'telemetry');
    const { observability } = await started({ storePath });
    observability.traceOperation('checkpoint', {}, () => undefined);
    await observability.shutdown();
    const folder = join(storePath, 'sabot');
    const segment = readdirSync(folder).find((name) => name.startsWith('traces'));
    appendFileSync(join(folder, String(segment)), '{"resourceSpans":[{"res');
    const store = openTelemetryStore(storePath);
    expect(await store.traces()).toHaveLength(1);
    expect(store.losses).toEqual({ tornLines: 1, badLines: 0 });
  });

  it('serves OpenMetrics or text, as the scraper asks', async () => {
    const { observability } = await started({ prometheusPort: 0 });
    observability.counter('orders_processed', { description: 'Orders.' }).add(2);
    const url = observability.status().prometheusUrl as string;
    const text = await fetch(url);
    expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await text.text()).toContain('# TYPE orders_processed_total counter\norders_processed_total 2\n');
    const open = await fetch(url, { headers: { accept: 'application/openmetrics-text; version=1.0.0' } });
    expect(await open.text()).toMatch(/# TYPE orders_processed counter\norders_processed_total 2\n[\s\S]*# EOF\n$/);
    expect(url).toContain('127.0.0.1');
  });

  it('reports a busy Prometheus port once and keeps running', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void blocker.close());
    const { port } = blocker.address() as { port: number };
    const { observability, problems } = await started({ prometheusPort: port });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`127.0.0.1:${port}`);
    expect(problems[0]).toContain('SABOT_TELEMETRY_PROMETHEUS_PORT');
    expect(observability.traceOperation('checkpoint', {}, () => 42)).toBe(42);
    expect(observability.status().problems).toEqual(problems);
  });

  it('counts what a store that cannot be written loses, tells it once, and keeps running', async () => {
    const file = join(temporaryFolder(), 'not-a-folder');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const { observability, problems } = await started({ storePath: join(file, 'telemetry') });
    observability.traceOperation('checkpoint', {}, () => undefined);
    await observability.flush();
    observability.traceOperation('checkpoint', {}, () => undefined);
    const { lost } = await observability.shutdown();
    expect(lost.find(({ signal }) => signal === 'spans')).toMatchObject({ count: 2, cause: 'store: store_unwritable' });
    expect(problems).toHaveLength(1);
    expect(existsSync(join(file, 'telemetry'))).toBe(false);
  });

  it('keeps metrics of users’ own code beside its own: in the store and for Prometheus', async () => {
    const storePath = join(temporaryFolder(), 'telemetry');
    const { observability } = await started({ storePath, prometheusPort: 0 });
    const meter = metrics.getMeter('my-app');
    meter.createCounter('carts', { description: 'Carts.' }).add(2, { region: 'north' });
    meter.createHistogram('cart.value').record(12);
    meter.createObservableGauge('stock').addCallback((result) => result.observe(5));
    const text = await (await fetch(observability.status().prometheusUrl as string)).text();
    expect(text).toContain('# HELP carts_total Carts.\n# TYPE carts_total counter\ncarts_total{region="north"} 2\n');
    expect(text).toContain('cart_value_sum 12\n');
    await observability.shutdown();
    const [stock] = await openTelemetryStore(storePath).metrics({ metric: 'stock' });
    expect(stock).toMatchObject({ scope: 'my-app', latest: { value: 5 } });
  });

  it('keeps spans of users’ own code in the trace of the operation around them', async () => {
    const storePath = join(temporaryFolder(), 'telemetry');
    const { observability } = await started({ storePath });
    await observability.traceOperation('execute_agent_task', {}, async () => {
      await Promise.resolve();
      trace.getTracer('my-app').startActiveSpan('charge card', (span) => {
        observability.traceOperation('state_set', {}, () => undefined);
        span.end();
      });
      trace.getActiveSpan()?.setAttribute('order', 7);
    });
    await observability.shutdown();
    const [tree] = await openTelemetryStore(storePath).traces();
    const [root] = tree?.roots ?? [];
    expect(root?.span).toMatchObject({ name: 'execute_agent_task', attributes: { order: 7 } });
    expect(root?.children[0]?.span).toMatchObject({ name: 'charge card', scope: { name: 'my-app' } });
    expect(root?.children[0]?.children[0]?.span.name).toBe('state_set');
  });
});
