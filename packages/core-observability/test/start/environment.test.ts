import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openTelemetryStore, type RunningObservability, resolveConfig, startObservability } from '../../src/sdk.js';
import { startHttpReceiver } from '../export/receivers.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Telemetry started from the environment alone, as a container would. */
async function startedWith(
  env: Record<string, string>,
): Promise<{ observability: RunningObservability; store: string }> {
  const store = join(temporaryFolder(), 'telemetry');
  const quiet = { SABOT_TELEMETRY_ENABLED: 'true', SABOT_TELEMETRY_MODE: 'sabot', SABOT_PROMETHEUS_PORT: 'none' };
  const config = resolveConfig({ env: { ...quiet, SABOT_TELEMETRY_STORE: store, ...env } });
  const observability = await startObservability({ config });
  onTestFinished(async () => void (await observability.shutdown()));
  return { observability, store };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('each variable does what it says', () => {
  it('SABOT_TELEMETRY_ENABLED=false: nothing leaves the process', async () => {
    const { observability, store } = await startedWith({ SABOT_TELEMETRY_ENABLED: 'false' });
    observability.traceOperation('checkpoint', {}, () => undefined);
    await observability.shutdown();
    expect(existsSync(store)).toBe(false);
    expect(observability.flightRecorder.total).toBe(1);
  });

  it('SABOT_SERVICE_NAME: the service in the store', async () => {
    const { observability, store } = await startedWith({ SABOT_SERVICE_NAME: 'sabot-production' });
    observability.traceOperation('checkpoint', {}, () => undefined);
    await observability.shutdown();
    expect((await openTelemetryStore(store).summary()).services).toEqual(['sabot-production']);
  });

  it.each(['SABOT_OTLP_ENDPOINT', 'SABOT_JAEGER_ENDPOINT'])('%s: spans arrive there', async (variable) => {
    const receiver = await startHttpReceiver();
    const { observability } = await startedWith({ [variable]: receiver.url });
    observability.traceOperation('checkpoint', {}, () => undefined);
    await observability.shutdown();
    expect(receiver.spans.map((span) => span.name)).toEqual(['checkpoint']);
  });

  it('SABOT_PROMETHEUS_PORT: metrics are served there', async () => {
    const port = await freePort();
    await startedWith({ SABOT_PROMETHEUS_PORT: String(port) });
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('sabot_memory_usage_mb ');
  });

  it('SABOT_CONSOLE_TRACING: finished spans are printed', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    const { observability } = await startedWith({ SABOT_CONSOLE_TRACING: 'true' });
    observability.traceOperation('checkpoint', { epoch: 3 }, () => undefined);
    await observability.flush();
    expect(write.mock.calls.map(String).join('')).toMatch(
      /\d\d:\d\d:\d\d\.\d{3} .*(µs|ms) checkpoint epoch=3 trace=[0-9a-f]{32}/,
    );
  });

  it('SABOT_SAMPLE_RATE=0.1: ten percent of 100,000 batches are kept, within one percent, the slow ones among them', async () => {
    const { observability } = await startedWith({ SABOT_SAMPLE_RATE: '0.1', SABOT_TELEMETRY_STORE: 'none' });
    for (let n = 0; n < 100_000; n++) observability.traceOperation('process_batch', {}, () => undefined);
    expect(observability.status().spansMade).toBeGreaterThan(9000);
    expect(observability.status().spansMade).toBeLessThan(11_000);
  });

  it('SABOT_TELEMETRY_MODE=off: nothing is kept at all', async () => {
    const { observability, store } = await startedWith({ SABOT_TELEMETRY_MODE: 'off' });
    expect(observability.traceOperation('checkpoint', {}, () => 42)).toBe(42);
    expect(observability.flightRecorder.total).toBe(0);
    expect(observability.collect()).toEqual([]);
    expect(existsSync(store)).toBe(false);
  });
});
