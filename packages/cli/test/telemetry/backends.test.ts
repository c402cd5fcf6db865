import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startRecording } from '../recorded-run.js';
import { Workbench } from '../run.js';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create();
  bench.env['SABOT_PROMETHEUS_PORT'] = 'none';
});
afterEach(() => bench.remove());

/** A backend on loopback: answers by path, 404 for all others; notes what it was asked. */
async function backend(
  answers: Readonly<Record<string, unknown>>,
): Promise<{ url: string; asked: URL[]; stop: () => Promise<void> }> {
  const asked: URL[] = [];
  const answer = ({ url = '/' }: IncomingMessage, response: ServerResponse): void => {
    const asking = new URL(url, 'http://loopback');
    asked.push(asking);
    const key = [`${asking.pathname}?${asking.searchParams.get('query')}`, asking.pathname].find(
      (each) => each in answers,
    );
    const value = key === undefined ? undefined : answers[key];
    if (value === undefined) response.writeHead(404).end('404 page not found\n');
    else if (typeof value === 'number') response.writeHead(value).end('no');
    else if (value instanceof Error) response.writeHead(404).end(JSON.stringify({ error: { message: value.message } }));
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { stop, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const traceId = 'a'.repeat(32);
const at = Date.now() - 5000;
const nanos = (offsetMs: number) => `${(at + offsetMs) * 1_000_000}`;

/** As `GET /api/v3/traces` answers. */
const modern = {
  result: {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] },
        scopeSpans: [
          {
            scope: { name: '@sabot/stream' },
            spans: [
              {
                traceId,
                spanId: '1'.repeat(16),
                name: 'process_batch',
                kind: 5,
                startTimeUnixNano: nanos(0),
                endTimeUnixNano: nanos(20),
              },
              {
                traceId,
                spanId: '2'.repeat(16),
                parentSpanId: '1'.repeat(16),
                name: 'stream_table_join',
                kind: 1,
                startTimeUnixNano: nanos(5),
                endTimeUnixNano: nanos(10),
                attributes: [{ key: 'error.type', value: { stringValue: 'RangeError' } }],
                status: { code: 2, message: 'too far' },
              },
            ],
          },
        ],
      },
    ],
  },
};

/** The same as `GET /api/traces` of an older Jaeger answers. */
const legacy = {
  data: [
    {
      traceID: traceId,
      spans: [
        {
          traceID: traceId,
          spanID: '1'.repeat(16),
          operationName: 'process_batch',
          references: [],
          startTime: at * 1000,
          duration: 20_000,
          tags: [{ key: 'span.kind', value: 'consumer' }],
          processID: 'p1',
        },
        {
          traceID: traceId,
          spanID: '2'.repeat(16),
          operationName: 'stream_table_join',
          references: [{ refType: 'CHILD_OF', traceID: traceId, spanID: '1'.repeat(16) }],
          startTime: (at + 5) * 1000,
          duration: 5000,
          tags: [
            { key: 'error', value: true },
            { key: 'otel.status_description', value: 'too far' },
            { key: 'error.type', value: 'RangeError' },
          ],
          processID: 'p1',
        },
      ],
      processes: { p1: { serviceName: 'orders' } },
    },
  ],
};

describe('sabot telemetry traces --from jaeger', () => {
  it.each([
    ['version 3', { '/api/v3/services': { services: ['orders'] }, '/api/v3/traces': modern }],
    ['the older one', { '/api/services': { data: ['orders'] }, '/api/traces': legacy }],
  ])('reads a Jaeger whose API is %s', async (_, answers) => {
    const { url } = await backend(answers);
    const tree = await bench.run(`telemetry traces --from jaeger --url ${url} --format tree`);
    expect(tree.code).toBe(0);
    expect(tree.out).toMatch(/process_batch {2}20\.0 ms\n└─ stream_table_join {2}5\.00 ms {2}✗ RangeError: too far/);
    const { traces } = JSON.parse(
      (await bench.run(`telemetry traces --from jaeger --url ${url} --format json`)).out,
    ) as {
      traces: unknown[];
    };
    expect(traces).toMatchObject([
      { traceId, operation: 'process_batch', services: ['orders'], spanCount: 2, errorCount: 1 },
    ]);
  });

  it('hands on what it was asked for', async () => {
    const { url, asked } = await backend({ '/api/v3/traces': modern });
    await bench.run(
      `telemetry traces --from jaeger --url ${url} --service orders --operation process_batch --min-duration 10ms --since 1h --limit 3`,
    );
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({
      'query.service_name': 'orders',
      'query.operation_name': 'process_batch',
      'query.duration_min': '10ms',
      'query.search_depth': '3',
      'query.start_time_min': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  it('says that there is nothing, when version 3 says so, and does not ask the older API', async () => {
    const { url, asked } = await backend({ '/api/v3/traces': new Error('No traces found') });
    const { code, err, out } = await bench.run(`telemetry traces --from jaeger --url ${url} --service orders`);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain('No traces fit');
    expect(asked.map(({ pathname }) => pathname)).toEqual(['/api/v3/traces']);
  });

  it('fails with what is wrong and what to do when nothing listens, or an error comes', async () => {
    const { url } = await backend({ '/api/v3/services': 500 });
    expect(await bench.run(`telemetry traces --from jaeger --url ${url}`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /cannot read from Jaeger at http:\/\/127.*status 500[\s\S]*16686.*SABOT_TELEMETRY_BACKEND_UNREADABLE/,
      ),
    });
    const gone = await backend({});
    await gone.stop();
    expect(await bench.run(`telemetry traces --from jaeger --url ${gone.url}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing listens there'),
    });
    expect(await bench.run('telemetry traces --from jaeger --url localhost:16686')).toMatchObject({ code: 2 });
  });
});

describe('sabot telemetry metrics --from prometheus', () => {
  const vector = (result: readonly unknown[]) => ({ status: 'success', data: { resultType: 'vector', result } });
  const labels = { job: 'sabot', instance: 'localhost:8000' };
  const answers = {
    '/api/v1/query?{__name__=~"target_info",telemetry_sdk_name="sabot"}': vector([
      { metric: { __name__: 'target_info', ...labels }, value: [at / 1000, '1'] },
    ]),
    '/api/v1/query?{job="sabot",instance="localhost:8000"}': vector([
      { metric: { __name__: 'sabot_messages_processed_total', pipeline: 'p', ...labels }, value: [at / 1000, '3000'] },
      { metric: { __name__: 'orders_processed_total', ...labels }, value: [at / 1000, '7'] },
    ]),
  };

  it('shows what Prometheus has of every process of Sabot, business metrics too', async () => {
    const { url } = await backend(answers);
    const { code, out } = await bench.run(`telemetry metrics --from prometheus --url ${url}`);
    expect(code).toBe(0);
    expect(out).toMatch(/sabot_messages_processed_total +pipeline=p job=sabot instance=localhost:8000 +3,000/);
    expect(out).toMatch(/orders_processed_total +.* +7/);
    const text = await bench.run(`telemetry metrics --from prometheus --url ${url} --format prometheus`);
    expect(text.out).toContain('orders_processed_total{job="sabot",instance="localhost:8000"} 7\n');
  });

  it('says that it scrapes no process of Sabot', async () => {
    const { url } = await backend({ '/api/v1/query': vector([]) });
    expect(await bench.run(`telemetry metrics --from prometheus --url ${url}`)).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('scrapes no process of Sabot'),
    });
  });
});

describe('a process that records while the configuration here says otherwise', () => {
  it('is shown by status and by the doctor, until it ends', async () => {
    const observability = await startRecording(bench.folder, 0);
    const status = async () =>
      JSON.parse((await bench.run('telemetry status --format json')).out) as { processes: Record<string, unknown>[] };
    const { prometheusUrl } = observability.status();
    expect((await status()).processes).toMatchObject([{ pid: process.pid, service: 'orders', prometheusUrl }]);
    expect((await bench.run('telemetry status')).out).toMatch(
      new RegExp(`Recording +orders \\(process ${process.pid}, started .*, metrics on ${prometheusUrl}\\)`),
    );
    bench.env['SABOT_TELEMETRY_STORE'] = join(bench.folder, '.sabot', 'telemetry');
    expect((await bench.run('telemetry doctor')).out).toContain(
      `✓ process: "orders" (process ${process.pid}) records into`,
    );
    await observability.shutdown();
    expect((await status()).processes).toEqual([]);
  });
});
