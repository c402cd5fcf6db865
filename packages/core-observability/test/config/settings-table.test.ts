import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sections } from '../../src/config/settings.js';
import { resolveConfig } from '../../src/sdk.js';
import { temporaryFolder } from '../temporary-folder.js';

interface Row {
  readonly section: 'telemetry' | 'performance';
  readonly key: string;
  /** What the settings object calls it. */
  readonly name: string;
  readonly env?: string;
  /** As a variable has it, as the file has it, and what it becomes. */
  readonly text?: string;
  readonly inFile: unknown;
  readonly value: unknown;
  /** Variables of OpenTelemetry with a text each, and others that must be there for them to count. */
  readonly otel?: readonly (readonly [name: string, text: string, others?: Readonly<Record<string, string>>])[];
}

const url = 'http://collector:4318';
/** Every setting that there is: the seed's first, with the seed's names. */
const rows: readonly Row[] = [
  {
    section: 'telemetry',
    key: 'enabled',
    name: 'enabled',
    env: 'SABOT_TELEMETRY_ENABLED',
    text: 'true',
    inFile: true,
    value: true,
  },
  {
    section: 'telemetry',
    key: 'service_name',
    name: 'serviceName',
    env: 'SABOT_SERVICE_NAME',
    text: 'orders',
    inFile: 'orders',
    value: 'orders',
    otel: [['OTEL_SERVICE_NAME', 'orders']],
  },
  {
    section: 'telemetry',
    key: 'jaeger_endpoint',
    name: 'jaegerEndpoint',
    env: 'SABOT_JAEGER_ENDPOINT',
    text: url,
    inFile: url,
    value: url,
    otel: [['OTEL_EXPORTER_JAEGER_ENDPOINT', url]],
  },
  {
    section: 'telemetry',
    key: 'otlp_endpoint',
    name: 'otlpEndpoint',
    env: 'SABOT_OTLP_ENDPOINT',
    text: url,
    inFile: url,
    value: url,
    otel: [['OTEL_EXPORTER_OTLP_ENDPOINT', url]],
  },
  {
    section: 'telemetry',
    key: 'prometheus_port',
    name: 'prometheusPort',
    env: 'SABOT_PROMETHEUS_PORT',
    text: '9464',
    inFile: 9464,
    value: 9464,
    otel: [['OTEL_EXPORTER_PROMETHEUS_PORT', '9464']],
  },
  {
    section: 'telemetry',
    key: 'console_tracing',
    name: 'consoleTracing',
    env: 'SABOT_CONSOLE_TRACING',
    text: 'yes',
    inFile: true,
    value: true,
  },
  {
    section: 'telemetry',
    key: 'sample_rate',
    name: 'sampleRate',
    env: 'SABOT_SAMPLE_RATE',
    text: '0.1',
    inFile: 0.1,
    value: 0.1,
    otel: [
      ['OTEL_TRACES_SAMPLER_ARG', '0.1', { OTEL_TRACES_SAMPLER: 'traceidratio' }],
      ['OTEL_TRACES_SAMPLER', 'parentbased_traceidratio', { OTEL_TRACES_SAMPLER_ARG: '0.1' }],
    ],
  },
  {
    section: 'telemetry',
    key: 'logs',
    name: 'logs',
    env: 'SABOT_TELEMETRY_LOGS',
    text: '1',
    inFile: true,
    value: true,
  },
  {
    section: 'telemetry',
    key: 'otlp_headers',
    name: 'otlpHeaders',
    env: 'SABOT_OTLP_HEADERS',
    text: 'a=b,c=d',
    inFile: 'a=b,c=d',
    value: 'a=b,c=d',
    otel: [['OTEL_EXPORTER_OTLP_HEADERS', 'a=b,c=d']],
  },
  {
    section: 'telemetry',
    key: 'otlp_protocol',
    name: 'otlpProtocol',
    env: 'SABOT_OTLP_PROTOCOL',
    text: 'http',
    inFile: 'http',
    value: 'http',
    otel: [['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf']],
  },
  {
    section: 'telemetry',
    key: 'otlp_compression',
    name: 'otlpCompression',
    env: 'SABOT_OTLP_COMPRESSION',
    text: 'gzip',
    inFile: 'gzip',
    value: 'gzip',
    otel: [['OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip']],
  },
  {
    section: 'telemetry',
    key: 'otlp_certificate',
    name: 'otlpCertificate',
    env: 'SABOT_OTLP_CERTIFICATE',
    text: 'ca.pem',
    inFile: 'ca.pem',
    value: 'ca.pem',
    otel: [['OTEL_EXPORTER_OTLP_CERTIFICATE', 'ca.pem']],
  },
  {
    section: 'telemetry',
    key: 'otlp_temporality',
    name: 'otlpTemporality',
    env: 'SABOT_OTLP_TEMPORALITY',
    text: 'delta',
    inFile: 'delta',
    value: 'delta',
    otel: [['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'LowMemory']],
  },
  {
    section: 'telemetry',
    key: 'otlp_histograms',
    name: 'otlpHistograms',
    env: 'SABOT_OTLP_HISTOGRAMS',
    text: 'exponential',
    inFile: 'exponential',
    value: 'exponential',
    otel: [['OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', 'base2_exponential_bucket_histogram']],
  },
  {
    section: 'telemetry',
    key: 'mode',
    name: 'mode',
    env: 'SABOT_TELEMETRY_MODE',
    text: 'sabot',
    inFile: 'sabot',
    value: 'sabot',
  },
  {
    section: 'telemetry',
    key: 'detail',
    name: 'detail',
    env: 'SABOT_TELEMETRY_DETAIL',
    text: 'row',
    inFile: 'row',
    value: 'row',
  },
  {
    section: 'telemetry',
    key: 'allowed_attributes',
    name: 'allowedAttributes',
    env: 'SABOT_TELEMETRY_ALLOWED_ATTRIBUTES',
    text: 'region,order.*',
    inFile: 'region,order.*',
    value: 'region,order.*',
  },
  {
    section: 'telemetry',
    key: 'store_path',
    name: 'storePath',
    env: 'SABOT_TELEMETRY_STORE',
    text: '/var/t',
    inFile: '/var/t',
    value: '/var/t',
  },
  { section: 'performance', key: 'max_memory_mb', name: 'maxMemoryMb', inFile: 256, value: 256 },
  { section: 'performance', key: 'enable_native', name: 'enableNative', inFile: false, value: false },
  { section: 'performance', key: 'enable_cython', name: 'enableNative', inFile: false, value: false },
  { section: 'performance', key: 'enable_arrow', name: 'enableArrow', inFile: false, value: false },
  { section: 'performance', key: 'thread_pool_size', name: 'threadPoolSize', inFile: 2, value: 2 },
  { section: 'performance', key: 'batch_size', name: 'batchSize', inFile: 4096, value: 4096 },
  { section: 'performance', key: 'buffer_size', name: 'bufferSize', inFile: 500, value: 500 },
];

function resolved({ section, name }: Row, env: Record<string, string>, content: unknown): unknown {
  const file = join(temporaryFolder(), 'sabot.json');
  writeFileSync(file, JSON.stringify(content));
  const values: Readonly<Record<string, unknown>> = { ...resolveConfig({ env, file })[section] };
  return values[name];
}

describe.each(rows)('$section.$key', (row) => {
  const { section, key, env, text, inFile, value, otel = [] } = row;

  it('is something else by default, and what the file says', () => {
    expect(resolved(row, {}, {})).not.toEqual(value);
    expect(resolved(row, {}, { [section]: { [key]: inFile } })).toEqual(value);
  });

  it.runIf(env !== undefined)('is what its variable says, over the file', () => {
    expect(resolved(row, { [env as string]: text as string }, {})).toEqual(value);
  });

  it.runIf(otel.length > 0)('is what OpenTelemetry’s own variable says', () => {
    for (const [name, given, others] of otel) expect(resolved(row, { ...others, [name]: given }, {})).toEqual(value);
  });
});

it('the table has every setting and every variable', () => {
  const all = Object.entries(sections).flatMap(([section, settings]) =>
    Object.entries(settings).map(([key, setting]) => `${section}.${key} ${'env' in setting ? setting.env : ''}`),
  );
  const shown = rows
    .filter(({ key }) => key !== 'enable_cython')
    .map(({ section, key, env = '' }) => `${section}.${key} ${env}`);
  expect(shown.sort()).toEqual(all.sort());
});
