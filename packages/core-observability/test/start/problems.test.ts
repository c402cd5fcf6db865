import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RunningObservability, startObservability } from '../../src/sdk.js';
import { buildProgram, runProgram } from '../built-package.js';
import { temporaryFolder } from '../temporary-folder.js';

interface Outcome {
  readonly observability: RunningObservability;
  readonly problems: readonly string[];
}

/** Starts telemetry from a file and the environment, as a program that only calls `startObservability` does. */
async function startedWith(telemetry: Record<string, unknown>, env: Record<string, string> = {}): Promise<Outcome> {
  const file = join(temporaryFolder(), 'sabot.json');
  const base = { enabled: true, prometheus_port: null, store_path: null };
  writeFileSync(file, JSON.stringify({ telemetry: { ...base, ...telemetry } }));
  const problems: string[] = [];
  const sources = { env: { SABOT_TELEMETRY_MODE: 'sabot', ...env }, file };
  const observability = await startObservability({ sources, onProblem: ({ message }) => void problems.push(message) });
  onTestFinished(async () => void (await observability.shutdown()));
  return { observability, problems };
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

function fileInPlaceOfFolder(): string {
  const path = join(temporaryFolder(), 'store');
  writeFileSync(path, '');
  return path;
}

interface Case {
  readonly name: string;
  readonly given: () => Promise<Outcome>;
  /** Key, value, source and remedy. */
  readonly says: readonly RegExp[];
}

const cases: readonly Case[] = [
  {
    name: 'a rate of 2 in the environment',
    given: () => startedWith({}, { SABOT_SAMPLE_RATE: '2' }),
    says: [
      /bad value 2 for telemetry\.sample_rate/,
      /from SABOT_SAMPLE_RATE/,
      /from 0 to 1\. Correct telemetry\.sample_rate where it stands, for example to 1\./,
    ],
  },
  {
    name: 'a rate of 2 in the file',
    given: () => startedWith({ sample_rate: 2 }),
    says: [
      /bad value 2 for telemetry\.sample_rate/,
      /from .*sabot\.json/,
      /from 0 to 1\. Correct telemetry\.sample_rate where it stands, for example to 1\./,
    ],
  },
  {
    name: 'an unknown sampler',
    given: () => startedWith({}, { OTEL_TRACES_SAMPLER: 'jaeger_remote' }),
    says: [
      /bad value "jaeger_remote" for telemetry\.sample_rate \(from OTEL_TRACES_SAMPLER\)/,
      /one of always_on, always_off, traceidratio, parentbased_always_on/,
      /Correct OTEL_TRACES_SAMPLER, or set SABOT_SAMPLE_RATE/,
    ],
  },
  {
    name: 'a misspelt sampler',
    given: () => startedWith({}, { OTEL_TRACES_SAMPLER: 'traceidratoi' }),
    says: [/bad value "traceidratoi"/, /from OTEL_TRACES_SAMPLER\)/, /Did you mean "traceidratio"\?/],
  },
  ...['2', '-0.1', 'NaN', 'ten', ' '].map((argument) => ({
    name: `the sampler argument "${argument}"`,
    given: () => startedWith({}, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: argument }),
    says: [
      new RegExp(`bad value "${argument}" for telemetry\\.sample_rate \\(from OTEL_TRACES_SAMPLER_ARG\\)`),
      /a number from 0 to 1 when OTEL_TRACES_SAMPLER is traceidratio/,
      /Correct OTEL_TRACES_SAMPLER_ARG, for example to 0\.1, or set SABOT_SAMPLE_RATE/,
    ],
  })),
  {
    name: 'an unknown key',
    given: () => startedWith({ sampel_rate: 0.5 }),
    says: [
      /unknown key "telemetry\.sampel_rate" \(0\.5\)/,
      /in ".*sabot\.json"/,
      /Did you mean "telemetry\.sample_rate"\?/,
    ],
  },
  {
    name: 'a malformed URL',
    given: () => startedWith({}, { SABOT_OTLP_ENDPOINT: 'collector:4317' }),
    says: [/bad value "collector:4317" for telemetry\.otlp_endpoint/, /SABOT_OTLP_ENDPOINT/, /http:\/\/localhost:4318/],
  },
  {
    name: 'a port in use',
    given: async () => startedWith({ prometheus_port: await takenPort() }),
    says: [
      /telemetry\.prometheus_port is \d+, from .*sabot\.json/,
      /another process listens there/,
      /SABOT_PROMETHEUS_PORT/,
    ],
  },
  {
    name: 'a file in place of the store’s folder',
    given: () => startedWith({}, { SABOT_TELEMETRY_STORE: fileInPlaceOfFolder() }),
    says: [/telemetry\.store_path is ".*store", from SABOT_TELEMETRY_STORE/, /EEXIST|ENOTDIR/, /name another folder/],
  },
  {
    // /sys is a mount that nobody can make folders in, not even root.
    name: 'a store on a read-only mount',
    given: () => startedWith({ store_path: '/sys/sabot-telemetry' }),
    says: [
      /telemetry\.store_path is "\/sys\/sabot-telemetry", from .*sabot\.json/,
      /EPERM|EACCES|EROFS/,
      /another folder/,
    ],
  },
  {
    // Where the system says of a parent that it is missing though it is there.
    name: 'a store below /proc',
    given: () => startedWith({ store_path: '/proc/sabot-telemetry' }),
    says: [/telemetry\.store_path is "\/proc\/sabot-telemetry"/, /ENOENT|EACCES|EPERM/, /another folder/],
  },
  {
    name: 'a certificate that is not there',
    given: () => startedWith({ otlp_endpoint: 'https://localhost:1', otlp_certificate: '/nowhere.pem' }),
    says: [
      /cannot read the certificate "\/nowhere\.pem"/,
      /ENOENT/,
      /telemetry\.otlp_certificate \(SABOT_OTLP_CERTIFICATE\)/,
    ],
  },
];

describe('a program whose telemetry cannot work', () => {
  it.each(cases)('hears of $name once, in one message, and runs', async ({ given, says }) => {
    const { observability, problems } = await given();
    const results = [1, 2, 3].map((n) => observability.traceOperation('process_batch', {}, () => n));
    observability.counter('orders').add(1);
    await observability.flush();
    observability.traceOperation('process_batch', {}, () => 4);
    await observability.flush();
    expect(results).toEqual([1, 2, 3]);
    expect(problems).toHaveLength(1);
    for (const part of says) expect(problems[0]).toMatch(part);
    expect(problems[0]).not.toContain('\n');
    expect(observability.status().problems).toEqual(problems);
    expect(observability.flightRecorder.total).toBe(4);
  });

  it('stops at the start when it asked for that', async () => {
    const sources = { env: { SABOT_SAMPLE_RATE: '2' } };
    await expect(startObservability({ sources, onProblem: 'throw' })).rejects.toThrow('SABOT_TELEMETRY_CONFIG_VALUE');
  });

  it('can look up which packages are missing and how to install them, delivers its own spans, and prints nothing', async () => {
    const program = await buildProgram('own-spans-only', temporaryFolder());
    const modules = join(dirname(program), 'node_modules');
    mkdirSync(join(modules, '@opentelemetry'), { recursive: true });
    const own = join(import.meta.dirname, '..', '..', 'node_modules');
    for (const name of ['valibot', '@opentelemetry/api']) symlinkSync(join(own, name), join(modules, name));
    chmodSync(program, 0o644);
    const { code, stdout, stderr } = await runProgram(program, [join(dirname(program), 'telemetry')]);
    expect(code).toBe(0);
    const { problems, delivered } = JSON.parse(stdout) as { problems: string[]; delivered: number };
    expect(delivered).toBe(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(
      'npm install @opentelemetry/context-async-hooks @opentelemetry/sdk-trace-base @opentelemetry/sdk-metrics',
    );
    expect(stderr).toBe('');
  });
});
