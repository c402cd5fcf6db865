import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DoctorFinding, examineTelemetry, resolveConfig, startObservability } from '../../src/sdk.js';
import { startGrpcReceiver, startHttpReceiver } from '../export/receivers.js';
import { temporaryFolder } from '../temporary-folder.js';

type Flags = NonNullable<NonNullable<Parameters<typeof resolveConfig>[0]>['flags']>['telemetry'];

function configWith(telemetry: Flags) {
  const quiet = { enabled: true, mode: 'sabot', prometheusPort: null, storePath: null } as const;
  return resolveConfig({ env: {}, flags: { telemetry: { ...quiet, ...telemetry } } });
}

async function findingsOn(subject: string, telemetry: Flags): Promise<readonly DoctorFinding[]> {
  const findings = await examineTelemetry(configWith(telemetry));
  return findings.filter((finding) => finding.subject === subject);
}

describe('the doctor', () => {
  it('sends a test span to a receiver that works and says how long it took', async () => {
    const receiver = await startHttpReceiver();
    const findings = await findingsOn('otlp', { otlpEndpoint: receiver.url });
    expect(findings).toMatchObject([{ level: 'ok', message: expect.stringContaining('took a test span') }]);
    expect(receiver.spans.map((span) => span.name)).toEqual(['doctor']);
  });

  it('names the confusion of HTTP and gRPC', async () => {
    const grpc = await startGrpcReceiver();
    const [http] = await findingsOn('otlp', { otlpEndpoint: grpc.url, otlpProtocol: 'http' });
    expect(http).toMatchObject({ level: 'problem', remedy: expect.stringContaining('otlp_protocol to "grpc"') });
    const plain = await startHttpReceiver();
    const [found] = await findingsOn('otlp', { otlpEndpoint: plain.url, otlpProtocol: 'grpc' });
    expect(found).toMatchObject({ level: 'problem', remedy: expect.stringContaining('otlp_protocol to "http"') });
  });

  it('says that nothing listens, and where', async () => {
    const receiver = await startHttpReceiver();
    await receiver.stop();
    const [found] = await findingsOn('otlp', { otlpEndpoint: receiver.url });
    expect(found).toMatchObject({ level: 'problem', remedy: expect.stringContaining(`127.0.0.1:${receiver.port}`) });
  });

  it('sees a clock that is wrong', async () => {
    const server = createServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + 60_000).toUTCString());
      response.writeHead(200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const findings = await findingsOn('otlp', { otlpEndpoint: `http://127.0.0.1:${port}` });
    expect(findings[1]).toMatchObject({
      level: 'warning',
      message: expect.stringMatching(/clock is (59|60|61)\.\d s ahead/),
    });
  });

  it('writes into the store, reads back, and leaves nothing behind', async () => {
    const storePath = join(temporaryFolder(), 'telemetry');
    const [found] = await findingsOn('store', { storePath });
    expect(found).toMatchObject({ level: 'ok' });
    expect(readdirSync(storePath)).toEqual([]);
  });

  it('says why a store cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const [found] = await findingsOn('store', { storePath: join(file, 'telemetry') });
    expect(found).toMatchObject({ level: 'problem', message: expect.stringContaining('cannot write') });
    expect(existsSync(join(file, 'telemetry'))).toBe(false);
  });

  it('tells a port that Sabot serves from one that something else holds', async () => {
    const running = await startObservability({ config: configWith({ prometheusPort: 0 }) });
    onTestFinished(async () => void (await running.shutdown()));
    const sabotPort = Number(new URL(running.status().prometheusUrl ?? '').port);
    expect(await findingsOn('prometheus', { prometheusPort: sabotPort })).toMatchObject([{ level: 'ok' }]);
    const other = createTcpServer((socket) => socket.end());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    expect(await findingsOn('prometheus', { prometheusPort: port })).toMatchObject([{ level: 'problem' }]);
  });

  it('says when telemetry is not enabled, and what decided it', async () => {
    const findings = await examineTelemetry(configWith({ enabled: false }));
    expect(findings[0]).toMatchObject({ level: 'warning', message: 'telemetry is not enabled (--enabled)' });
  });

  it('finds an SDK that was registered through another copy of the API', async () => {
    const key = Symbol.for('opentelemetry.js.api.1');
    const place = globalThis as { [key: symbol]: unknown };
    const before = place[key];
    onTestFinished(() => {
      place[key] = before;
    });
    // A copy of the API does not look into what an older minor version registered.
    place[key] = { version: '1.8.0', trace: {} };
    expect(await findingsOn('opentelemetry', {})).toMatchObject([
      { level: 'problem', message: expect.stringContaining('1.8.0'), remedy: expect.stringContaining('npm ls') },
    ]);
  });

  it.each([
    ['version 3', (id: string) => `/api/v3/traces/${id}`],
    ['the older one', (id: string) => `/api/traces/${id}`],
  ])('reads the test span back from a Jaeger whose API is %s', async (_, pathOf) => {
    const receiver = await startHttpReceiver();
    const query = createServer(({ url }, response) => {
      const ids = receiver.spans.map(({ traceId }) => Buffer.from(traceId, 'base64').toString('hex'));
      if (ids.some((id) => url === pathOf(id))) response.end(JSON.stringify({ spans: [{ name: 'doctor' }] }));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => query.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void query.close());
    const jaegerQueryUrl = `http://127.0.0.1:${(query.address() as { port: number }).port}`;
    const findings = await examineTelemetry(configWith({ jaegerEndpoint: receiver.url }), { jaegerQueryUrl });
    expect(findings.filter(({ subject }) => subject === 'jaeger')).toMatchObject([
      { level: 'ok', message: expect.stringContaining('took a test span') },
      { level: 'ok', message: `${jaegerQueryUrl} gives the test span back` },
    ]);
  });

  it('says that mode "app" needs an SDK of the application', async () => {
    expect(await findingsOn('opentelemetry', { mode: 'app' })).toMatchObject([{ level: 'warning' }]);
  });
});
