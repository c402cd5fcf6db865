import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { carrierOf, createObservability, dumpFlightRecorder, injectContext } from '../../src/index.js';
import { readMetricsRequest } from '../../src/otlp/metrics-json.js';
import { readTraceRequest } from '../../src/otlp/trace-json.js';
import { buildProgram, runProgram } from '../built-package.js';
import { temporaryFolder } from '../temporary-folder.js';

function readDump(path: string) {
  const [traces = '', metrics = ''] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return { spans: readTraceRequest(JSON.parse(traces)), metrics: readMetricsRequest(JSON.parse(metrics)) };
}

describe('the flight recorder', () => {
  it('answers without any OpenTelemetry SDK: batches, failures and counters are in the dump', () => {
    const observability = createObservability({ serviceName: 'shop' });
    observability.counter('orders_processed').add(2);
    observability.traceOperation('process_batch', { pipeline: 'flights' }, (span) => span.set('rows', 7));
    const failing = () =>
      observability.traceOperation('process_batch', { pipeline: 'flights' }, () => {
        throw new RangeError('too far');
      });
    expect(failing).toThrow();
    const { spans, metrics } = readDump(dumpFlightRecorder(observability, temporaryFolder()));
    expect(spans.map(({ name, attributes, status }) => ({ name, attributes, status }))).toEqual([
      { name: 'process_batch', attributes: { pipeline: 'flights', rows: 7 }, status: { code: 'unset' } },
      {
        name: 'process_batch',
        attributes: { pipeline: 'flights', 'error.type': 'RangeError' },
        status: { code: 'error', message: 'RangeError' },
      },
    ]);
    expect(spans[0]?.resource).toMatchObject({ 'service.name': 'shop', 'sabot.flight.reason': 'request' });
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(2);
    expect(metrics[0]?.points[0]).toMatchObject({ value: 2 });
  });

  it('hands on the trace that a batch came from, though nobody records it', () => {
    const { spans } = createObservability().instruments({
      scope: '@sabot/stream',
      attributes: {},
      metrics: {},
      spans: { batch: { name: 'process_batch', kind: 'consumer', brief: 'A batch.', attributes: [] } },
    });
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    const batch = spans.batch.start({}, { parent });
    expect(spans.batch.start({}, { parent: batch }).context).toEqual(parent);
    const headers: Record<string, string> = {};
    injectContext(spans.batch.start({}, { parent: null }).context, carrierOf(headers));
    expect(headers).toEqual({});
  });

  it('keeps the newest batches when it is full', () => {
    const observability = createObservability({ flightRecorder: { capacity: 4 } });
    for (let n = 0; n < 10; n++) observability.traceOperation('process_batch', { n }, () => undefined);
    expect(observability.flightRecorder.spans(0).map((span) => span.attributes['n'])).toEqual([6, 7, 8, 9]);
    expect(observability.flightRecorder.total).toBe(10);
  });
});

describe('a process that runs with telemetry', () => {
  let program: string;
  beforeAll(async () => {
    program = await buildProgram('crashing');
  });

  it('leaves a dump when it crashes, with the batch that was running, and still crashes', async () => {
    const storePath = temporaryFolder();
    const { code, stderr } = await runProgram(program, [storePath, 'crash']);
    expect(code).toBe(1);
    expect(stderr).toContain('no such column');
    const folder = join(storePath, '.flight');
    const [name = ''] = readdirSync(folder);
    expect(stderr).toContain(name);
    const { spans, metrics } = readDump(join(folder, name));
    expect(spans.map(({ attributes }) => [attributes['n'], attributes['sabot.flight.unfinished'] ?? false])).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [3, true],
    ]);
    const orders = metrics.find(({ descriptor }) => descriptor.name === 'orders_processed');
    expect(orders?.points[0]).toMatchObject({ value: 5 });
  });

  it('leaves a dump at SIGUSR2 and goes on', async () => {
    const storePath = temporaryFolder();
    let told = false;
    const { code, stderr } = await runProgram(program, [storePath, 'wait'], (stdout, kill) => {
      if (told || !stdout.includes('ready')) return;
      told = true;
      kill('SIGUSR2');
      setTimeout(() => kill('SIGTERM'), 300);
    });
    expect(code).toBe(0);
    expect(stderr).toContain('flight recorder written');
    const [name = ''] = readdirSync(join(storePath, '.flight'));
    expect(readDump(join(storePath, '.flight', name)).spans).toHaveLength(3);
  });
});
