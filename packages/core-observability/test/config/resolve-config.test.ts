import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/sdk.js';
import { temporaryFolder } from '../temporary-folder.js';

function fileWith(content: unknown): string {
  const path = join(temporaryFolder(), 'sabot.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const emptyFile = () => fileWith({});

describe('resolveConfig', () => {
  it('has the defaults of the product when nothing is set', () => {
    const config = resolveConfig({ env: {}, file: emptyFile() });
    expect(config.telemetry).toEqual({
      enabled: false,
      serviceName: 'sabot',
      jaegerEndpoint: null,
      otlpEndpoint: null,
      prometheusPort: 8000,
      consoleTracing: false,
      sampleRate: 1,
      logs: false,
      otlpHeaders: null,
      otlpProtocol: 'auto',
      otlpCompression: 'none',
      otlpCertificate: null,
      otlpTemporality: 'cumulative',
      otlpHistograms: 'explicit',
      mode: 'auto',
      detail: 'operator',
      allowedAttributes: null,
      storePath: '.sabot/telemetry',
    });
    expect(config.performance).toEqual({
      maxMemoryMb: 1024,
      enableNative: true,
      enableArrow: true,
      threadPoolSize: 4,
      batchSize: 1000,
      bufferSize: 10_000,
    });
    expect(config.origins['telemetry.sample_rate']).toEqual({ source: 'default', name: 'default' });
  });

  it.each([
    ['SABOT_TELEMETRY_ENABLED', 'true', 'enabled', true],
    ['SABOT_SERVICE_NAME', 'orders', 'serviceName', 'orders'],
    ['SABOT_JAEGER_ENDPOINT', 'http://jaeger:14268/api/traces', 'jaegerEndpoint', 'http://jaeger:14268/api/traces'],
    ['SABOT_OTLP_ENDPOINT', 'http://otel-collector:4317', 'otlpEndpoint', 'http://otel-collector:4317'],
    ['SABOT_PROMETHEUS_PORT', '9464', 'prometheusPort', 9464],
    ['SABOT_PROMETHEUS_PORT', 'none', 'prometheusPort', null],
    ['SABOT_CONSOLE_TRACING', '1', 'consoleTracing', true],
    ['SABOT_SAMPLE_RATE', '0.1', 'sampleRate', 0.1],
    ['OTEL_SERVICE_NAME', 'orders', 'serviceName', 'orders'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://otel:4318', 'otlpEndpoint', 'https://otel:4318'],
    ['OTEL_SDK_DISABLED', 'true', 'enabled', false],
  ] as const)('reads %s=%s', (name, text, key, value) => {
    const config = resolveConfig({ env: { [name]: text }, file: emptyFile() });
    expect(config.telemetry[key]).toBe(value);
    const found = Object.values(config.origins).filter((origin) => origin.name === name);
    expect(found).toHaveLength(1);
  });

  it('prefers flags over SABOT variables over OTEL variables over the file', () => {
    const file = fileWith({ telemetry: { service_name: 'from-file' } });
    const otel = { OTEL_SERVICE_NAME: 'from-otel' };
    const env = { ...otel, SABOT_SERVICE_NAME: 'from-env' };
    const flags = { telemetry: { serviceName: 'from-flag' } };
    const named = (sources: Parameters<typeof resolveConfig>[0]) => {
      const config = resolveConfig(sources);
      return [config.telemetry.serviceName, config.origins['telemetry.service_name']?.source];
    };
    expect(named({ env: {}, file })).toEqual(['from-file', 'file']);
    expect(named({ env: otel, file })).toEqual(['from-otel', 'otel-env']);
    expect(named({ env, file })).toEqual(['from-env', 'env']);
    expect(named({ env, file, flags })).toEqual(['from-flag', 'flag']);
  });

  it.each([
    ['always_on', undefined, 1, 'OTEL_TRACES_SAMPLER'],
    ['always_off', undefined, 0, 'OTEL_TRACES_SAMPLER'],
    ['traceidratio', '0.25', 0.25, 'OTEL_TRACES_SAMPLER_ARG'],
    ['parentbased_always_on', undefined, 1, 'OTEL_TRACES_SAMPLER'],
    ['parentbased_always_off', '0.25', 0, 'OTEL_TRACES_SAMPLER'],
    ['parentbased_traceidratio', '1e-3', 0.001, 'OTEL_TRACES_SAMPLER_ARG'],
    // As the specification has it: in any case; a ratio is 1 without its argument; an argument alone says nothing.
    ['ParentBased_Always_Off', undefined, 0, 'OTEL_TRACES_SAMPLER'],
    ['traceidratio', undefined, 1, 'OTEL_TRACES_SAMPLER'],
    ['traceidratio', '', 1, 'OTEL_TRACES_SAMPLER'],
    [undefined, '0.25', 0.5, 'file'],
    ['', 'nonsense', 0.5, 'file'],
  ])('takes sampler %s with argument %s as rate %d', (sampler, argument, rate, from) => {
    const file = fileWith({ telemetry: { sample_rate: 0.5 } });
    const otel = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument };
    const { origins, telemetry } = resolveConfig({ env: otel, file });
    expect(telemetry.sampleRate).toBe(rate);
    const { name, source } = origins['telemetry.sample_rate'] ?? {};
    expect([name, source]).toEqual(from === 'file' ? [file, 'file'] : [from, 'otel-env']);
    const ours = resolveConfig({ env: { ...otel, SABOT_SAMPLE_RATE: '0.75' }, file });
    expect(ours.telemetry.sampleRate).toBe(0.75);
    expect(ours.origins['telemetry.sample_rate']?.source).toBe('env');
  });

  it('takes enable_cython as the older name of enable_native', () => {
    const file = fileWith({ performance: { enable_cython: false } });
    expect(resolveConfig({ env: {}, file }).performance.enableNative).toBe(false);
  });

  it.each([
    [{ SABOT_SAMPLE_RATE: '2' }, /bad value 2 for telemetry.sample_rate \(from SABOT_SAMPLE_RATE\).*from 0 to 1/],
    [{ SABOT_PROMETHEUS_PORT: 'eight' }, /bad value "eight" for telemetry.prometheus_port.*must be a number/],
    [{ SABOT_OTLP_ENDPOINT: 'collector:4317' }, /bad value "collector:4317".*http:\/\/ or https:\/\//],
    [
      { SABOT_SAMPEL_RATE: '0.1' },
      /unknown environment variable "SABOT_SAMPEL_RATE".*Did you mean "SABOT_SAMPLE_RATE"/,
    ],
  ] as const)('refuses %o', (env, message) => {
    expect(() => resolveConfig({ env, file: emptyFile() })).toThrow(message);
  });

  it('leaves SABOT variables alone that are nothing like a setting', () => {
    const env = { SABOT_HOME: '/opt', SABOT_TEST_FAULT_SECONDS: '3', SABOT_DATA: 'x', SABOT_WORKER_COUNT: '2' };
    expect(() => resolveConfig({ env, file: emptyFile() })).not.toThrow();
  });

  it.each([
    ['sample_rat', 'sample_rate'],
    ['sampel_rate', 'sample_rate'],
    ['sampleRate', 'sample_rate'],
    ['enbled', 'enabled'],
    ['promethues_port', 'prometheus_port'],
    ['otlp_endpiont', 'otlp_endpoint'],
  ])('refuses the unknown key %s of the file and suggests %s', (key, meant) => {
    const file = fileWith({ telemetry: { [key]: 0.25 } });
    expect(() => resolveConfig({ env: {}, file })).toThrow(
      `unknown key "telemetry.${key}" (0.25) in "${file}": Sabot has no such setting. Did you mean "telemetry.${meant}"?`,
    );
  });

  it.each(['colour', 'port', 'rate', 'jaeger', 'name', 'retention_days'])(
    'suggests nothing for %s, which is like no setting, and lists what there is',
    (key) => {
      const file = fileWith({ telemetry: { [key]: 1 } });
      const refused = () => resolveConfig({ env: {}, file });
      expect(refused).toThrow(/Known keys: telemetry\.enabled, .*telemetry\.sample_rate/);
      expect(refused).not.toThrow(/Did you mean/);
    },
  );

  it('keeps secrets out of its messages', () => {
    const messageOf = (env: Record<string, string>): string => {
      try {
        resolveConfig({ env, file: emptyFile() });
      } catch (error) {
        return String(error);
      }
      return 'accepted';
    };
    const headers = messageOf({ SABOT_OTLP_HEADERS: 'Bearer sekret-4711' });
    expect(headers).toContain('bad value (hidden) for telemetry.otlp_headers (from SABOT_OTLP_HEADERS)');
    const url = messageOf({ SABOT_OTLP_ENDPOINT: 'ftp://me:sekret-4711@host' });
    expect(url).toContain('bad value "ftp://[redacted]@host" for telemetry.otlp_endpoint');
    expect(headers + url).not.toContain('sekret-4711');
  });

  it('says why a file cannot be read', () => {
    expect(() => resolveConfig({ env: {}, file: fileWith('{"telemetry":') })).toThrow(/is not JSON/);
    expect(() => resolveConfig({ env: {}, file: '/nowhere/sabot.json' })).toThrow(/cannot read.*nowhere/);
  });
});
