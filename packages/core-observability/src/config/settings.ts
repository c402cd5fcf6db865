import * as v from 'valibot';
import { rateOfSampler, rateOfSamplerArgument } from './otel-sampler.js';

/** How a setting's text (environment, command line) becomes a value. */
export type SettingType = 'boolean' | 'number' | 'text';

/** One setting: where it may come from, what it may be, and what it is otherwise. */
export interface Setting {
  readonly type: SettingType;
  readonly schema: v.GenericSchema<unknown, unknown>;
  readonly fallback: unknown;
  /** Sabot's environment variable. */
  readonly env?: string;
  /** OpenTelemetry's own variables, first one set wins; `read` translates where the meaning differs, undefined says nothing. */
  readonly otel?: readonly {
    readonly name: string;
    readonly read?: (text: string, env: Readonly<Record<string, string | undefined>>) => unknown;
  }[];
  /** Another spelling of the key in the file. */
  readonly alias?: string;
  /** The value is never shown. */
  readonly secret?: true;
  /** Texts that mean "none". */
  readonly noneWhen?: readonly string[];
  readonly brief: string;
}

const port = v.pipe(
  v.number(),
  v.integer('a whole number'),
  v.minValue(0, '0 or more'),
  v.maxValue(65535, 'at most 65535'),
);
const positiveInteger = v.pipe(v.number(), v.integer('a whole number'), v.minValue(1, '1 or more'));
const ratio = v.pipe(v.number(), v.minValue(0, 'from 0 to 1'), v.maxValue(1, 'from 0 to 1'));
const text = v.pipe(v.string(), v.minLength(1, 'a text that is not empty'));
const httpUrl = v.pipe(
  v.string(),
  v.check((value) => isUrl(value, ['http:', 'https:']), 'a URL that begins with http:// or https://'),
);

function isUrl(value: string, protocols: readonly string[]): boolean {
  try {
    const url = new URL(value);
    return protocols.includes(url.protocol) && url.hostname !== '';
  } catch {
    return false;
  }
}

const none = { noneWhen: ['none', 'off', ''] } as const;

/** The settings of `sabot.json`, section `telemetry`, with the seed's names and defaults. */
export const telemetrySettings = {
  enabled: {
    type: 'boolean',
    schema: v.boolean(),
    fallback: false,
    env: 'SABOT_TELEMETRY_ENABLED',
    otel: [{ name: 'OTEL_SDK_DISABLED', read: (value) => (value.toLowerCase() === 'true' ? 'false' : undefined) }],
    brief: 'Whether telemetry leaves the process (store, exporters, endpoint); the flight recorder is on regardless.',
  },
  service_name: {
    type: 'text',
    schema: text,
    fallback: 'sabot',
    env: 'SABOT_SERVICE_NAME',
    otel: [{ name: 'OTEL_SERVICE_NAME' }],
    brief: 'The `service.name` of everything that is sent.',
  },
  jaeger_endpoint: {
    type: 'text',
    schema: v.nullable(httpUrl),
    fallback: null,
    env: 'SABOT_JAEGER_ENDPOINT',
    otel: [{ name: 'OTEL_EXPORTER_JAEGER_ENDPOINT' }],
    ...none,
    brief: 'A Jaeger: an OTLP endpoint, or a Thrift one when the path is `/api/traces`.',
  },
  otlp_endpoint: {
    type: 'text',
    schema: v.nullable(httpUrl),
    fallback: null,
    env: 'SABOT_OTLP_ENDPOINT',
    otel: [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT' }],
    ...none,
    brief: 'An OTLP receiver: gRPC on port 4317, else HTTP.',
  },
  prometheus_port: {
    type: 'number',
    schema: v.nullable(port),
    fallback: 8000,
    env: 'SABOT_PROMETHEUS_PORT',
    otel: [{ name: 'OTEL_EXPORTER_PROMETHEUS_PORT' }],
    ...none,
    brief: 'Port of the endpoint that Prometheus scrapes; 0 takes a free one, `none` opens none.',
  },
  console_tracing: {
    type: 'boolean',
    schema: v.boolean(),
    fallback: false,
    env: 'SABOT_CONSOLE_TRACING',
    brief: 'Prints finished spans, one line each, to standard error.',
  },
  sample_rate: {
    type: 'number',
    schema: ratio,
    fallback: 1,
    env: 'SABOT_SAMPLE_RATE',
    otel: [
      { name: 'OTEL_TRACES_SAMPLER', read: rateOfSampler },
      { name: 'OTEL_TRACES_SAMPLER_ARG', read: rateOfSamplerArgument },
    ],
    brief: 'Share of new traces that is kept, 0 to 1.',
  },
  logs: {
    type: 'boolean',
    schema: v.boolean(),
    fallback: false,
    env: 'SABOT_TELEMETRY_LOGS',
    brief: 'Whether log entries are kept in the store and sent over OTLP beside being printed.',
  },
  otlp_headers: {
    type: 'text',
    schema: v.nullable(
      v.pipe(v.string(), v.regex(/^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/, 'a list such as key=value,key2=value2')),
    ),
    fallback: null,
    env: 'SABOT_OTLP_HEADERS',
    otel: [{ name: 'OTEL_EXPORTER_OTLP_HEADERS' }],
    ...none,
    secret: true,
    brief: 'Headers of requests to the OTLP receiver, for example an authorization.',
  },
  otlp_protocol: {
    type: 'text',
    schema: v.picklist(['auto', 'grpc', 'http'], 'auto, grpc or http'),
    fallback: 'auto',
    env: 'SABOT_OTLP_PROTOCOL',
    otel: [{ name: 'OTEL_EXPORTER_OTLP_PROTOCOL', read: (value) => (value.startsWith('http') ? 'http' : value) }],
    brief: 'How the OTLP receiver is spoken to; `auto` takes gRPC for port 4317.',
  },
  otlp_compression: {
    type: 'text',
    schema: v.picklist(['none', 'gzip'], 'none or gzip'),
    fallback: 'none',
    env: 'SABOT_OTLP_COMPRESSION',
    otel: [{ name: 'OTEL_EXPORTER_OTLP_COMPRESSION' }],
    brief: 'Compression of requests to receivers.',
  },
  otlp_certificate: {
    type: 'text',
    schema: v.nullable(text),
    fallback: null,
    env: 'SABOT_OTLP_CERTIFICATE',
    otel: [{ name: 'OTEL_EXPORTER_OTLP_CERTIFICATE' }],
    ...none,
    brief: 'File with the authority that signed the receiver’s certificate (PEM).',
  },
  otlp_temporality: {
    type: 'text',
    schema: v.picklist(['cumulative', 'delta'], 'cumulative or delta'),
    fallback: 'cumulative',
    env: 'SABOT_OTLP_TEMPORALITY',
    otel: [
      {
        name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
        read: (value) => (value.toLowerCase() === 'lowmemory' ? 'delta' : value.toLowerCase()),
      },
    ],
    brief: 'Whether counters and histograms are sent as totals or as increases.',
  },
  otlp_histograms: {
    type: 'text',
    schema: v.picklist(['explicit', 'exponential'], 'explicit or exponential'),
    fallback: 'explicit',
    env: 'SABOT_OTLP_HISTOGRAMS',
    otel: [
      {
        name: 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
        read: (value) => (value === 'base2_exponential_bucket_histogram' ? 'exponential' : 'explicit'),
      },
    ],
    brief: 'The buckets in which histograms are sent over OTLP.',
  },
  mode: {
    type: 'text',
    schema: v.picklist(['auto', 'app', 'sabot', 'off'], 'auto, app, sabot or off'),
    fallback: 'auto',
    env: 'SABOT_TELEMETRY_MODE',
    brief: 'Who owns the OpenTelemetry SDK; `auto` looks whether the application registered one.',
  },
  detail: {
    type: 'text',
    schema: v.picklist(['batch', 'operator', 'row'], 'batch, operator or row'),
    fallback: 'operator',
    env: 'SABOT_TELEMETRY_DETAIL',
    brief: 'How much a sampled batch records.',
  },
  allowed_attributes: {
    type: 'text',
    schema: v.nullable(v.pipe(v.string(), v.regex(/^[^,\s]+(\s*,\s*[^,\s]+)*$/, 'a list such as region,order.*'))),
    fallback: null,
    env: 'SABOT_TELEMETRY_ALLOWED_ATTRIBUTES',
    noneWhen: [''],
    brief: 'The only attributes of your own that leave the process, such as `region,order.*`; none given: all.',
  },
  store_path: {
    type: 'text',
    schema: v.nullable(text),
    fallback: '.sabot/telemetry',
    env: 'SABOT_TELEMETRY_STORE',
    ...none,
    brief: 'Folder of the local store; `none` keeps none.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The settings of `sabot.json`, section `performance`. */
export const performanceSettings = {
  max_memory_mb: {
    type: 'number',
    schema: positiveInteger,
    fallback: 1024,
    brief: 'Memory in MiB that a job may hold: from four fifths of it on its sources wait.',
  },
  enable_native: {
    type: 'boolean',
    schema: v.boolean(),
    fallback: true,
    alias: 'enable_cython',
    brief:
      'Compiled expressions; off uses the interpreter with equal results: `expressions` of `startJob`, by `performanceOptions`.',
  },
  enable_arrow: {
    type: 'boolean',
    schema: v.boolean(),
    fallback: true,
    brief: 'Accepted for older files and without effect: batches are Arrow always.',
  },
  thread_pool_size: {
    type: 'number',
    schema: positiveInteger,
    fallback: 4,
    brief: 'Threads of a job that is a module.',
  },
  batch_size: {
    type: 'number',
    schema: positiveInteger,
    fallback: 1000,
    brief: 'Rows of a batch that a source makes, where its stream does not say.',
  },
  buffer_size: {
    type: 'number',
    schema: positiveInteger,
    fallback: 10_000,
    brief: 'Rows that may wait between two chains of a job, counted as bytes of their schema.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The sections of the file. */
export const sections = { telemetry: telemetrySettings, performance: performanceSettings } as const;
export type SectionName = keyof typeof sections;
