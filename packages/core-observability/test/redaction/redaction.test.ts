import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trace } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineTelemetry, dumpFlightRecorder } from '../../src/index.js';
import { type RedactionOptions, resolveConfig, startObservability } from '../../src/sdk.js';
import { startHttpReceiver } from '../export/receivers.js';
import { temporaryFolder } from '../temporary-folder.js';

const SECRET = 'hunter2-4711';
const catalogue = defineTelemetry({
  scope: '@sabot/stream',
  attributes: { pipeline: { type: 'string', brief: 'The pipeline.' } },
  metrics: {},
  spans: { batch: { name: 'process_batch', kind: 'consumer', brief: 'A batch.', attributes: ['pipeline'] } },
});

/** Telemetry into a store, an OTLP receiver and a metrics endpoint; gives everything that left the process as text. */
async function started(redaction: RedactionOptions | undefined, env: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const receiver = await startHttpReceiver();
  const storePath = join(folder, 'telemetry');
  const flags = { enabled: true, mode: 'sabot', storePath, prometheusPort: 0, logs: true, otlpEndpoint: receiver.url };
  const config = resolveConfig({ env, flags: { telemetry: { ...flags, mode: 'sabot' } } });
  const observability = await startObservability({ config, ...(redaction === undefined ? {} : { redaction }) });
  onTestFinished(async () => void (await observability.shutdown()));
  const printed: string[] = [];
  const logger = observability.logger({ format: 'json', print: (line) => printed.push(line) });
  const everything = async (): Promise<Record<'store' | 'otlp' | 'prometheus' | 'logs' | 'dump', string>> => {
    const prometheus = await (await fetch(observability.status().prometheusUrl as string)).text();
    const dump = readFileSync(dumpFlightRecorder(observability, folder), 'utf8');
    await observability.shutdown();
    const service = join(storePath, 'sabot');
    const store = readdirSync(service).map((name) => readFileSync(join(service, name), 'utf8'));
    const otlp = JSON.stringify([receiver.spans, receiver.metrics, receiver.logs]);
    return { store: store.join('\n'), otlp, prometheus, logs: printed.join('\n'), dump };
  };
  return { observability, logger, receiver, everything };
}

describe('a secret', () => {
  it('in an attribute, a URL, an exception, a span name, a label, a log or a user’s own span leaves by no way', async () => {
    const { observability, logger, everything } = await started(undefined);
    const url = `postgres://app:${SECRET}@db/shop`;
    const failing = () =>
      observability.traceOperation(`connect ${url}`, { 'db.password': SECRET, target: url, shop: 'north' }, (span) => {
        span.set('authorization', `Bearer ${SECRET}`);
        logger.error('cannot connect', new RangeError(`refused by ${url}`), { apiKey: SECRET });
        throw new RangeError(`refused by ${url}`, { cause: new TypeError(`password=${SECRET}`) });
      });
    expect(failing).toThrow();
    trace
      .getTracer('my-app')
      .startSpan('query', { attributes: { 'http.cookie': SECRET } })
      .end();
    observability.counter('orders').add(1, { url, region: 'north' });
    const left = await everything();
    for (const [way, text] of Object.entries(left)) expect([way, text.includes(SECRET)]).toEqual([way, false]);
    expect(left.store).toContain('postgres://[redacted]@db/shop');
    expect(left.prometheus).toMatch(/^orders_total\{region="north",url="postgres:\/\/\[redacted\]@db\/shop"\} 1$/m);
    expect(left.dump).toContain('north');
    expect(left.store).toContain('exception.stacktrace');
  });
});

describe('the allow-list', () => {
  const make = async (redaction: RedactionOptions | undefined, env: Record<string, string>) => {
    const { observability, logger, receiver, everything } = await started(redaction, env);
    const { spans } = observability.instruments(catalogue);
    const batch = spans.batch.start({ pipeline: 'flights' }, { parent: null });
    batch.set('customer', 'c-17');
    batch.set('order.id', 'o-18');
    batch.end();
    logger.info('taken', { customer: 'c-17', 'order.id': 'o-18' });
    observability.counter('orders').add(2, { customer: 'c-17' });
    observability.counter('orders').add(3, { customer: 'c-19' });
    return { left: await everything(), receiver };
  };

  it.each([
    ['the option', { allowedAttributes: ['order.*'] }, {}],
    ['the variable', undefined, { SABOT_TELEMETRY_ALLOWED_ATTRIBUTES: 'region, order.*' }],
  ] as const)(
    'given by %s keeps what it names and what Sabot declares, and counts the rest',
    async (_, option, env) => {
      const { left, receiver } = await make(option, env);
      for (const text of Object.values(left)) expect(text).not.toContain('c-17');
      const [span] = receiver.spans;
      expect(JSON.stringify(span)).toContain('flights');
      expect(JSON.stringify(span)).toContain('o-18');
      expect(left.logs).toContain('o-18');
      // Two series that differ in what may not leave are one.
      expect(left.prometheus).toMatch(/^orders_total 5$/m);
      expect(left.prometheus).toMatch(/^sabot_telemetry_attributes_removed_total [1-9]/m);
    },
  );
});

describe('the hook', () => {
  it('sees every text with its name, and what it gives is what leaves', async () => {
    const seen = new Set<string>();
    const { observability, logger, everything } = await started({
      redact: (text, name) => {
        seen.add(name);
        if (name === 'iban') return undefined;
        if (text.includes('explode')) throw new TypeError('in the hook');
        return text.replaceAll('Müller', 'M.');
      },
    });
    observability.traceOperation('take_order', { iban: 'DE12', customer: 'Müller', note: 'explode' }, () => {
      logger.info('order of Müller');
    });
    const left = await everything();
    for (const text of [left.store, left.otlp, left.logs, left.dump]) expect(text).not.toMatch(/Müller|DE12|explode/);
    expect(left.store).toContain('M.');
    expect(left.store).toContain('[redacted]');
    expect([...seen]).toEqual(expect.arrayContaining(['name', 'iban', 'customer', 'message']));
  });
});
