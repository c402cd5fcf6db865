import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTelemetryStore, type RunningObservability, startObservability } from '../../src/sdk.js';
import { temporaryFolder } from '../temporary-folder.js';

/** An address where nobody listens. */
async function deadEndpoint(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function started(storePath: string, serviceName: string): Promise<RunningObservability> {
  const [otlpEndpoint, jaegerEndpoint] = [await deadEndpoint(), await deadEndpoint()];
  const telemetry = { enabled: true, mode: 'sabot', serviceName, storePath, otlpEndpoint, jaegerEndpoint } as const;
  return startObservability({
    sources: { env: {}, flags: { telemetry: { ...telemetry, logs: true, prometheusPort: null } } },
    onProblem: () => undefined,
  });
}

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return files.reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0);
}

it('is nothing in a store that does not exist and in one whose receivers took everything', async () => {
  const path = join(temporaryFolder(), 'none');
  expect(await openTelemetryStore(path).waiting()).toEqual([]);
  const observability = await startObservability({
    sources: { env: {}, flags: { telemetry: { enabled: true, mode: 'sabot', storePath: path, prometheusPort: null } } },
  });
  observability.traceOperation('process_batch', {}, () => 1);
  await observability.shutdown();
  expect(await openTelemetryStore(path).waiting()).toEqual([]);
});

it('is what dead receivers left, by service, exporter and signal, with its size and age', async () => {
  const folder = temporaryFolder();
  const beforeMs = Date.now();
  const observability = await started(folder, 'orders/eu');
  for (let n = 0; n < 3; n++) observability.traceOperation('process_batch', {}, () => n);
  observability.logger().info('counted');
  observability.counter('orders').add(1);
  const { spilled } = await observability.shutdown(300);
  const waiting = await openTelemetryStore(folder).waiting();
  expect(waiting.map(({ exporter, service }) => [service, exporter])).toEqual([
    ['orders/eu', 'jaeger'],
    ['orders/eu', 'otlp'],
  ]);
  const [jaeger, otlp] = waiting;
  expect(jaeger?.items).toEqual({ spans: 3, points: 0, logs: 0 });
  expect(otlp?.items).toEqual({ spans: 3, points: spilled.points, logs: 1 });
  expect(spilled).toMatchObject({ spans: 6, logs: 1 });
  expect(spilled.points).toBeGreaterThan(0);
  const onDisk = join(folder, '.spill', encodeURIComponent('orders/eu'));
  for (const { bytes, exporter, oldestMs } of waiting) {
    expect(bytes).toBe(bytesBelow(join(onDisk, exporter)));
    expect(oldestMs).toBeGreaterThan(beforeMs - 1000);
    expect(oldestMs).toBeLessThanOrEqual(Date.now() + 1000);
  }
  // The process that made it says the same of itself.
  const status = observability.status().exporters.filter(({ name }) => name === 'otlp' || name === 'jaeger');
  for (const { name, spilledBytes, spilledSinceMs } of status) {
    const same = waiting.find(({ exporter }) => exporter === name);
    expect(spilledBytes).toBe(same?.bytes);
    expect(Math.abs((spilledSinceMs ?? 0) - (same?.oldestMs ?? 0))).toBeLessThan(1000);
  }
});

it('does not count files that are being written', async () => {
  const folder = temporaryFolder();
  const observability = await started(folder, 'orders');
  observability.traceOperation('process_batch', {}, () => 1);
  await observability.shutdown(300);
  const before = await openTelemetryStore(folder).waiting();
  const exporter = join(folder, '.spill', 'orders', 'jaeger');
  const [process = ''] = readdirSync(exporter);
  writeFileSync(join(exporter, process, '500000000009-spans-7.json.part'), '{"resource');
  expect(await openTelemetryStore(folder).waiting()).toEqual(before);
});
