import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineTelemetry } from '../../src/index.js';
import { type RunningObservability, resolveConfig, startObservability } from '../../src/sdk.js';
import { temporaryFolder } from '../temporary-folder.js';

const installed = (name: string) => spawnSync(name, ['--version']).status === 0;
const hasPrometheus = installed('prometheus') && installed('promtool');
if (!hasPrometheus) console.warn('SKIPPED: prometheus and promtool are not installed (apt-get install prometheus)');

const catalogue = defineTelemetry({
  scope: '@sabot/stream',
  attributes: { pipeline: { type: 'string', brief: 'The pipeline.' } },
  metrics: {
    processed: {
      name: 'sabot.messages.processed',
      kind: 'counter',
      unit: '{message}',
      brief: 'Messages processed; with "quotes", a \\ and\na line break.',
      attributes: ['pipeline'],
    },
    duration: {
      name: 'sabot.message.processing.duration',
      kind: 'histogram',
      unit: 's',
      brief: 'Duration of a batch.',
      attributes: ['pipeline'],
    },
  },
  spans: {},
});
const exemplar = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };

async function serving(): Promise<{ observability: RunningObservability; url: string }> {
  const telemetry = { enabled: true, mode: 'sabot', storePath: null, prometheusPort: 0, serviceName: 'shop' } as const;
  const observability = await startObservability({ config: resolveConfig({ env: {}, flags: { telemetry } }) });
  onTestFinished(async () => void (await observability.shutdown()));
  const { metrics } = observability.instruments(catalogue);
  metrics.processed.series({ pipeline: 'with "quotes" and \\ and\nbreaks' }).add(41);
  metrics.duration.series({ pipeline: 'flights' }).record(0.003, exemplar);
  return { observability, url: observability.status().prometheusUrl as string };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function startPrometheus(target: string): Promise<(path: string) => Promise<{ data: unknown }>> {
  const folder = temporaryFolder();
  const port = await freePort();
  const config = `global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: sabot\n    static_configs:\n      - targets: ['${target}']\n`;
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const server = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=exemplar-storage',
  ]);
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await once(server, 'close');
  });
  const get = async (path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).json() as Promise<{ data: unknown }>;
  for (let attempt = 0; attempt < 100; attempt++) {
    const up = await get('/api/v1/query?query=sabot_messages_processed_total').catch(() => undefined);
    if (JSON.stringify(up ?? '').includes('"41"')) return get;
    await sleep(200);
  }
  throw new TypeError('Prometheus never scraped the endpoint');
}

describe.skipIf(!hasPrometheus)('the Prometheus endpoint', () => {
  it('says nothing that promtool objects to, but for the names that the product fixes', async () => {
    const { url } = await serving();
    const text = await (await fetch(url)).text();
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    const complaints = `${stdout}${stderr}`
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    // "mb" and "percent" are in the names of the product's own metrics; everything else must be clean.
    expect(complaints.filter((line) => !/^sabot_(memory_usage_mb|cpu_usage_percent) /.test(line))).toEqual([]);
  });

  it('is scraped by a real Prometheus, which stores the exemplar', async () => {
    const { url } = await serving();
    const get = await startPrometheus(new URL(url).host);
    const counter = await get('/api/v1/query?query=sabot_messages_processed_total');
    expect(counter.data).toMatchObject({
      result: [
        { metric: { pipeline: 'with "quotes" and \\ and\nbreaks', job: 'sabot' }, value: [expect.anything(), '41'] },
      ],
    });
    const quantile = 'histogram_quantile(0.5, sabot_message_processing_duration_bucket)';
    const median = await get(`/api/v1/query?query=${encodeURIComponent(quantile)}`);
    expect(JSON.stringify(median.data)).toContain('"0.0035"');
    const info = await get('/api/v1/query?query=target_info');
    expect(info.data).toMatchObject({ result: [{ metric: { service_name: 'shop' } }] });
    const since = Math.floor(Date.now() / 1000) - 60;
    const found = await get(
      `/api/v1/query_exemplars?query=sabot_message_processing_duration_bucket&start=${since}&end=${since + 120}`,
    );
    expect(JSON.stringify(found.data)).toContain(exemplar.traceId);
  }, 60_000);
});

describe('a large scrape', () => {
  it('reads at most 128 series in one turn of the event loop', async () => {
    const { observability, url } = await serving();
    const { metrics } = observability.instruments(catalogue);
    let turn = 0;
    const readsIn: number[] = [];
    for (let n = 0; n < 1000; n++) {
      metrics.duration.series({ pipeline: `p${n}` }).record(0.1);
      metrics.processed.observe({ pipeline: `p${n}` }, () => {
        readsIn[turn] = (readsIn[turn] ?? 0) + 1;
        return n;
      });
    }
    let scraping = true;
    const count = (): void => {
      turn++;
      if (scraping) setImmediate(count);
    };
    setImmediate(count);
    await (await fetch(url)).text();
    scraping = false;
    const reads = readsIn.filter((each) => each > 0);
    expect(reads.reduce((sum, each) => sum + each, 0)).toBe(1000);
    expect(Math.max(...reads)).toBeLessThanOrEqual(128);
  });

  it('gives the event loop back between slices', async () => {
    const { observability, url } = await serving();
    for (let n = 0; n < 1500; n++) observability.counter('wide').add(1, { n });
    for (let n = 0; n < 200; n++) observability.counter(`many_${n}`).add(1);
    const { metrics } = observability.instruments(catalogue);
    for (let n = 0; n < 1000; n++) metrics.duration.series({ pipeline: `p${n}` }).record(0.1);
    let turns = 0;
    let scraping = true;
    const count = (): void => {
      turns++;
      if (scraping) setImmediate(count);
    };
    setImmediate(count);
    const body = await (await fetch(url)).text();
    scraping = false;
    expect(body.split('\n').length).toBeGreaterThan(20_000);
    expect(turns).toBeGreaterThan(10);
  });
});
