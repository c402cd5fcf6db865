import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineTelemetry } from '../../src/index.js';
import { resolveConfig, startObservability } from '../../src/sdk.js';
import { temporaryFolder } from '../temporary-folder.js';
import { startGrpcReceiver, startHttpReceiver } from './receivers.js';
import { readThrift, type ThriftStruct } from './thrift-reader.js';

type Flags = NonNullable<NonNullable<Parameters<typeof resolveConfig>[0]>['flags']>['telemetry'];

const catalogue = defineTelemetry({
  scope: 'shop',
  attributes: {},
  metrics: { duration: { name: 'shop.duration', kind: 'histogram', unit: 's', brief: 'Orders.', attributes: [] } },
  spans: {},
});

function configFor(telemetry: Flags) {
  return resolveConfig({
    env: {},
    flags: {
      telemetry: {
        enabled: true,
        mode: 'sabot',
        serviceName: 'shop',
        prometheusPort: null,
        storePath: join(temporaryFolder(), 'telemetry'),
        ...telemetry,
      },
    },
  });
}

async function emitTo(telemetry: Flags): Promise<void> {
  const config = configFor(telemetry);
  const observability = await startObservability({ config });
  observability.counter('orders_processed', { unit: '{order}', description: 'Orders.' }).add(3, { region: 'north' });
  observability.traceOperation('take_order', { region: 'north', amount: 12.5, count: -2, vip: true }, (span) => {
    span.event('paid', { card: 'none' });
    observability.traceOperation('state_set', {}, () => undefined);
  });
  const failing = () =>
    observability.traceOperation('refund', {}, () => {
      throw new RangeError('no such order');
    });
  expect(failing).toThrow();
  const report = await observability.shutdown();
  expect(report.lost).toEqual([]);
}

describe.each([
  ['http', startHttpReceiver, 'none'],
  ['http', startHttpReceiver, 'gzip'],
  ['grpc', startGrpcReceiver, 'none'],
  ['grpc', startGrpcReceiver, 'gzip'],
] as const)('OTLP over %s', (protocol, start, compression) => {
  it(`delivers spans and metrics as the protocol defines them (compression ${compression})`, async () => {
    const receiver = await start();
    await emitTo({ otlpEndpoint: receiver.url, otlpProtocol: protocol, otlpCompression: compression });
    expect([...receiver.services]).toEqual(['shop']);
    const [stateSet, takeOrder, refund] = receiver.spans;
    expect(takeOrder).toMatchObject({
      name: 'take_order',
      kind: 1,
      attributes: [
        { key: 'region', value: { stringValue: 'north' } },
        { key: 'amount', value: { doubleValue: 12.5 } },
        { key: 'count', value: { intValue: '-2' } },
        { key: 'vip', value: { boolValue: true } },
      ],
      events: [{ name: 'paid', attributes: [{ key: 'card', value: { stringValue: 'none' } }] }],
    });
    expect(stateSet).toMatchObject({ traceId: takeOrder?.traceId, parentSpanId: takeOrder?.spanId });
    expect(refund).toMatchObject({ status: { code: 2, message: 'no such order' } });
    const nanos = BigInt(takeOrder?.endTimeUnixNano ?? 0) - BigInt(takeOrder?.startTimeUnixNano ?? 0);
    expect(nanos).toBeGreaterThan(0n);
    expect(nanos).toBeLessThan(5_000_000_000n);
    expect(Math.abs(Number(takeOrder?.startTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(60_000);
    const metrics = receiver.metrics.flatMap(({ resourceMetrics }) => resourceMetrics[0]?.scopeMetrics ?? []);
    const orders = metrics.flatMap((scope) => scope.metrics).find(({ name }) => name === 'orders_processed');
    expect(orders).toMatchObject({
      description: 'Orders.',
      unit: '{order}',
      sum: {
        isMonotonic: true,
        aggregationTemporality: 2,
        dataPoints: [{ asDouble: 3, attributes: [{ key: 'region', value: { stringValue: 'north' } }] }],
      },
    });
  });
});

describe('a receiver that prefers delta and exponential buckets', () => {
  it('gets them, also what waited on disk', async () => {
    const first = await startHttpReceiver();
    await first.stop();
    const storePath = join(temporaryFolder(), 'telemetry');
    const preferred = { otlpTemporality: 'delta', otlpHistograms: 'exponential', storePath } as const;
    const config = configFor({ otlpEndpoint: first.url, ...preferred });
    const observability = await startObservability({ config, onProblem: () => undefined });
    const duration = observability.instruments(catalogue).metrics.duration.series({});
    for (const seconds of [0.001, 0.002, 0.1, 3]) duration.record(seconds);
    await observability.flush(300);
    const receiver = await startHttpReceiver(first.port);
    duration.record(0.004);
    await observability.flush();
    await observability.shutdown();
    const points = receiver.metrics
      .flatMap(({ resourceMetrics }) => resourceMetrics[0]?.scopeMetrics ?? [])
      .flatMap((scope) => scope.metrics)
      .filter(({ name }) => name === 'shop.duration')
      .map((metric) => metric['exponentialHistogram']);
    const counts = points.map((each) => JSON.stringify(each).match(/"count":"(\d+)"/)?.[1]);
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(5);
    expect(points[0]).toMatchObject({ aggregationTemporality: 1, dataPoints: [{ count: '4', zeroCount: '0' }] });
  });
});

describe('a Jaeger endpoint', () => {
  it('gets Thrift when its path is /api/traces', async () => {
    const bodies: Buffer[] = [];
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      bodies.push(Buffer.concat(parts));
      response.writeHead(202).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    await emitTo({ jaegerEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/traces` });
    const [batch = {}] = bodies.map(readThrift);
    const [, takeOrder, refund] = batch[2] as ThriftStruct[];
    expect((batch[1] as ThriftStruct)[1]).toBe('shop');
    expect(takeOrder?.[5]).toBe('take_order');
    expect(takeOrder?.[9]).toBeTypeOf('bigint');
    expect(takeOrder?.[10]).toContainEqual({ 1: 'count', 2: 3, 6: -2n });
    expect(takeOrder?.[10]).toContainEqual({ 1: 'amount', 2: 1, 4: 12.5 });
    expect(takeOrder?.[10]).toContainEqual({ 1: 'vip', 2: 2, 5: true });
    expect(refund?.[10]).toContainEqual({ 1: 'error', 2: 2, 5: true });
  });

  it('gets OTLP on any other path, spans only', async () => {
    const receiver = await startHttpReceiver();
    await emitTo({ jaegerEndpoint: receiver.url });
    expect(receiver.spans).toHaveLength(3);
    expect(receiver.metrics).toEqual([]);
  });
});
