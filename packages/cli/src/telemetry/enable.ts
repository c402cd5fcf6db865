import { existsSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { isSabotError } from '@sabot/core-observability/errors';
import { resolveConfig } from '@sabot/core-observability/sdk';
import type { CliIo } from '../command/io.js';
import { cliErrors } from '../errors.js';
import { type Style, styleFor } from '../output/style.js';
import { configPath } from './config-file.js';

export interface EnableOptions {
  readonly serviceName?: string;
  readonly jaegerEndpoint?: string;
  readonly otlpEndpoint?: string;
  readonly prometheusPort?: string;
  readonly consoleTracing?: string;
  readonly sampleRate?: string;
  readonly configFile?: string;
}

type Section = Record<string, unknown>;

const KEYS = {
  serviceName: 'service_name',
  jaegerEndpoint: 'jaeger_endpoint',
  otlpEndpoint: 'otlp_endpoint',
  prometheusPort: 'prometheus_port',
  consoleTracing: 'console_tracing',
  sampleRate: 'sample_rate',
} as const;

/** Turns telemetry on in the file, with the settings given; everything is checked before anything is written. */
export async function enable(options: EnableOptions, io: CliIo): Promise<void> {
  const path = configPath(options.configFile, io);
  const { configFile: _, ...flags } = options;
  const checked = checkedValues(flags, path);
  const changes: Section = { enabled: true };
  for (const name of Object.keys(flags) as (keyof typeof KEYS)[]) changes[KEYS[name]] = checked[name];
  await change(path, changes, io);
}

export async function disable(options: Pick<EnableOptions, 'configFile'>, io: CliIo): Promise<void> {
  const path = configPath(options.configFile, io);
  checkedValues({}, path);
  await change(path, { enabled: false }, io);
}

/** The flags as values, and the present file found valid. */
function checkedValues(flags: Omit<EnableOptions, 'configFile'>, path: string): Readonly<Record<string, unknown>> {
  const file = existsSync(path) ? { file: path } : undefined;
  // The file first and alone: what is wrong with it is not a wrong command line.
  if (file !== undefined) resolveConfig({ env: {}, ...file });
  try {
    return resolveConfig({ env: {}, flags: { telemetry: flags }, ...file }).telemetry;
  } catch (error) {
    if (!isSabotError(error)) throw error;
    throw cliErrors.error('OPTION_INVALID', { what: error.what, why: error.why, remedy: error.remedy, cause: error });
  }
}

async function change(path: string, changes: Section, io: CliIo): Promise<void> {
  const content = existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Section) : {};
  const before = (content['telemetry'] ?? {}) as Section;
  const changed = Object.entries(changes).filter(([key, value]) => !(key in before) || before[key] !== value);
  const style = styleFor(io);
  if (changed.length === 0) {
    io.out(`${path} is as asked for; nothing changed.\n`);
    return;
  }
  await writeAtomically(path, `${JSON.stringify({ ...content, telemetry: { ...before, ...changes } }, null, 2)}\n`);
  io.out(`Telemetry is ${changes['enabled'] === true ? style.good('enabled') : 'disabled'} in ${path}\n`);
  for (const [key, value] of changed) io.out(`  ${describeChange(key, before, value, style)}\n`);
}

function describeChange(key: string, before: Section, value: unknown, style: Style): string {
  const was = key in before ? JSON.stringify(before[key]) : 'not set';
  return `${key}: ${style.dim(was)} → ${style.bold(JSON.stringify(value))}`;
}

/** Written beside, made durable and renamed: a reader sees the old file or the new one, never a part. */
async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cliErrors.error('CONFIG_NOT_WRITTEN', {
      what: `cannot write "${path}"`,
      why: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
