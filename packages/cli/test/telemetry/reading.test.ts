import { createServer } from 'node:net';
import { join } from 'node:path';
import { startObservability } from '@sabot/core-observability/sdk';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recordBatches, startRecording } from '../recorded-run.js';
import { Workbench } from '../run.js';

let bench: Workbench;
let empty: Workbench;

beforeAll(async () => {
  bench = await Workbench.create();
  bench.env['SABOT_PROMETHEUS_PORT'] = 'none';
  empty = await Workbench.create();
  empty.env['SABOT_PROMETHEUS_PORT'] = 'none';
  const observability = await startRecording(bench.folder);
  await recordBatches(observability);
  await observability.shutdown();
});
afterAll(async () => {
  await bench.remove();
  await empty.remove();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface TraceJson {
  readonly operation: string;
  readonly durationMs: number;
  readonly status: string;
  readonly spans: readonly {
    readonly name: string;
    readonly children: readonly { readonly name: string; readonly attributes: unknown }[];
  }[];
}

describe('sabot telemetry traces', () => {
  it('shows the newest first in a table, errors as such', async () => {
    const { code, out } = await bench.run('telemetry traces');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^TRACE +STARTED +SERVICE +OPERATION +SPANS +DURATION +STATUS$/);
    expect(lines.slice(1).map((line) => line.replace(/ {2,}/g, ' | ').split(' | ').slice(2))).toEqual([
      ['orders', 'process_batch p', '2', '200 ms', '1 error'],
      ['orders', 'process_batch p', '2', '20.0 ms', 'ok'],
      ['orders', 'process_batch p', '2', '2.00 ms', 'ok'],
    ]);
  });

  it('prints JSON that parses, spans nested', async () => {
    const { traces } = JSON.parse((await bench.run('telemetry traces --format json --limit 1')).out) as {
      traces: TraceJson[];
    };
    expect(traces).toHaveLength(1);
    expect(traces[0]).toMatchObject({ operation: 'process_batch', status: 'error' });
    expect(traces[0]?.durationMs).toBeCloseTo(200, 0);
    expect(traces[0]?.spans[0]?.children).toMatchObject([
      { name: 'stream_table_join', attributes: { 'error.type': 'SABOT_TEST_BROKEN' } },
    ]);
  });

  it('draws a tree with box characters and the failure', async () => {
    const { out } = await bench.run('telemetry traces --format tree --errors');
    expect(out).toMatch(/process_batch p {2}200 ms\n└─ stream_table_join p {2}100 ms {2}✗ SABOT_TEST_BROKEN/);
  });

  it.each([
    ['--errors', 1],
    ['--min-duration 10ms', 2],
    ['--min-duration 0.15s', 1],
    ['--operation stream_table_join', 3],
    ['--operation nothing', 0],
    ['--service other', 0],
    ['--since 50s', 2],
    ['--limit 2', 2],
  ])('filters by %s', async (flags, count) => {
    const { code, out } = await bench.run(`telemetry traces --format json ${flags}`);
    expect(code).toBe(0);
    expect((JSON.parse(out) as { traces: unknown[] }).traces).toHaveLength(count);
  });

  it('says honestly that there is nothing, and still prints JSON', async () => {
    const { code, err, out } = await empty.run('telemetry traces --format json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ traces: [], skippedLines: { tornLines: 0, badLines: 0 } });
    expect(err).toContain('is empty. Run an application with telemetry enabled');
    expect((await bench.run('telemetry traces --service other')).err).toContain('No traces fit');
  });

  it('follows: prints what is there, then what comes, until it is ended', async () => {
    const live = await Workbench.create();
    const observability = await startRecording(live.folder);
    await recordBatches(observability);
    const later = setTimeout(() => void observability.traceOperation('came_later', {}, () => undefined), 300);
    const { code, out } = await live.runUntil('telemetry traces --follow --format json', (text) =>
      text.includes('came_later'),
    );
    clearTimeout(later);
    await observability.shutdown();
    await live.remove();
    expect(code).toBe(0);
    const operations = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as TraceJson).operation);
    expect(operations).toEqual(['process_batch', 'process_batch', 'process_batch', 'came_later']);
  });
});

describe('sabot telemetry metrics', () => {
  it('shows values, rates and quantiles of a component in a table', async () => {
    const { code, out } = await bench.run('telemetry metrics --component stream');
    expect(code).toBe(0);
    expect(out).toMatch(/^METRIC +LABELS +VALUE +PER SECOND\n/);
    expect(out).toMatch(/sabot_messages_processed_total +pipeline=p +3,000 /);
    expect(out).toMatch(/sabot_message_processing_duration +pipeline=p +3 × mean 74\.0 ms, p50 \d/);
    expect(out).not.toContain('sabot_memory_usage_mb');
  });

  it('prints JSON that parses', async () => {
    const { out } = await bench.run('telemetry metrics --component stream --format json');
    const { metrics } = JSON.parse(out) as {
      metrics: { prometheusName: string; kind: string; value?: number; count?: number }[];
    };
    expect(metrics).toContainEqual(
      expect.objectContaining({ prometheusName: 'sabot_messages_processed_total', kind: 'counter', value: 3000 }),
    );
    expect(metrics).toContainEqual(
      expect.objectContaining({ prometheusName: 'sabot_message_processing_duration', count: 3 }),
    );
  });

  it('shows the newest process of a service, and every one when asked', async () => {
    const twice = await Workbench.create();
    for (const instance of ['run-1', 'run-2']) {
      const observability = await startRecording(twice.folder, null, instance);
      await recordBatches(observability);
      await observability.shutdown();
    }
    const rowsOf = async (flags: string) => {
      const { out } = await twice.run(`telemetry metrics --component stream ${flags}`);
      return out.split('\n').filter((line) => line.startsWith('sabot_messages_processed_total'));
    };
    const [newest, all] = [await rowsOf(''), await rowsOf('--all-instances')];
    await twice.remove();
    expect([newest.length, all.length]).toEqual([1, 2]);
    expect(all.map((line) => line.split(/ {2,}/).at(-1)).sort()).toEqual(['run-1', 'run-2']);
  });

  it('prints the Prometheus text format', async () => {
    const { out } = await bench.run('telemetry metrics --component stream --format prometheus');
    expect(out).toContain('# TYPE sabot_messages_processed_total counter');
    expect(out).toMatch(/^sabot_messages_processed_total\{pipeline="p"\} 3000$/m);
    expect(out).toMatch(/^sabot_message_processing_duration_bucket\{pipeline="p",le="\+Inf"\} 3$/m);
  });

  it('says honestly that there is nothing', async () => {
    expect(await empty.run('telemetry metrics')).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('is empty'),
    });
    expect((await bench.run('telemetry metrics --component agent')).err).toContain('No metrics of agent');
  });

  it('asks the live process when asked to, and fails when none answers', async () => {
    const live = await Workbench.create();
    const observability = await startRecording(live.folder, 0);
    await recordBatches(observability);
    live.env['SABOT_PROMETHEUS_PORT'] = new URL(observability.status().prometheusUrl as string).port;
    const text = await live.run('telemetry metrics --live --format prometheus');
    const table = await live.run('telemetry metrics --live');
    const status = await live.run('telemetry status --format json');
    await observability.shutdown();
    const gone = await live.run('telemetry metrics --live');
    await live.remove();
    expect(text.out).toContain('sabot_messages_processed_total{pipeline="p"} 3000');
    expect(table.out).toMatch(/sabot_messages_processed_total +pipeline=p +3,000/);
    expect(JSON.parse(status.out)).toMatchObject({ live: { answers: true } });
    expect(gone).toMatchObject({ code: 1, out: '', err: expect.stringContaining('SABOT_CLI_NO_LIVE_PROCESS') });
  });

  it('refuses --live with a filter that the live process cannot answer', async () => {
    expect(await bench.run('telemetry metrics --live --component stream')).toMatchObject({ code: 2, out: '' });
  });

  it('watches: prints again and again until it is ended', async () => {
    const { code, out } = await bench.runUntil(
      'telemetry metrics --component stream --format json --watch',
      (text) => text.split('\n').length > 2,
    );
    expect(code).toBe(0);
    for (const line of out.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('metrics');
  });
});

describe('sabot telemetry status', () => {
  it('shows each effective value and where it comes from', async () => {
    bench.env['SABOT_SAMPLE_RATE'] = '0.5';
    const { code, out } = await bench.run('telemetry status');
    delete bench.env['SABOT_SAMPLE_RATE'];
    expect(code).toBe(0);
    expect(out).toMatch(/telemetry\.sample_rate +0\.5 +SABOT_SAMPLE_RATE/);
    expect(out).toMatch(/performance\.batch_size +1000 +default/);
    expect(out).toMatch(/Local store .* services: orders/);
    expect(out).toMatch(/Waiting +nothing waits to be sent/);
    expect(out).toMatch(/Last run +lost nothing/);
  });

  it('prints JSON that parses', async () => {
    const status = JSON.parse((await bench.run('telemetry status --format json')).out) as {
      settings: unknown[];
      store: unknown;
      lost: unknown;
    };
    expect(status.settings).toContainEqual({
      setting: 'telemetry.prometheus_port',
      value: null,
      source: 'env',
      from: 'SABOT_PROMETHEUS_PORT',
    });
    expect(status).toMatchObject({ live: null, lost: [], waiting: [], store: { services: ['orders'] } });
  });

  it('shows what a run left for a receiver that was away, when nothing runs any more', async () => {
    const away = await Workbench.create();
    onTestFinished(() => away.remove());
    away.env['SABOT_PROMETHEUS_PORT'] = 'none';
    const sources = {
      env: {},
      flags: {
        telemetry: {
          enabled: true,
          mode: 'sabot',
          serviceName: 'orders',
          storePath: join(away.folder, '.sabot', 'telemetry'),
          prometheusPort: null,
          otlpEndpoint: `http://127.0.0.1:${await freePort()}`,
        },
      },
    } as const;
    const observability = await startObservability({ sources, onProblem: () => undefined });
    for (let n = 0; n < 3; n++) observability.traceOperation('process_batch', {}, () => n);
    const { spilled } = await observability.shutdown(300);
    expect(spilled.spans).toBe(3);
    const { out } = await away.run('telemetry status');
    expect(out).toMatch(
      /Waiting +3 spans, \d+ points of orders for otlp, [\d.]+ (B|KiB) on disk, the oldest from (just now|\d+ s ago)\n/,
    );
    const { waiting } = JSON.parse((await away.run('telemetry status --format json')).out) as { waiting: unknown[] };
    expect(waiting).toEqual([
      {
        service: 'orders',
        exporter: 'otlp',
        ...spilled,
        bytes: expect.any(Number),
        oldestMs: expect.any(Number),
      },
    ]);
  });

  it('names a bad variable and what it must be', async () => {
    bench.env['SABOT_SAMPLE_RATE'] = 'many';
    const { code, err } = await bench.run('telemetry status');
    delete bench.env['SABOT_SAMPLE_RATE'];
    expect(code).toBe(1);
    expect(err).toContain('SABOT_SAMPLE_RATE');
    expect(err).not.toContain('    at ');
  });
});
