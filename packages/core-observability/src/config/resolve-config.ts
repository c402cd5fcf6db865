import type { InferOutput } from 'valibot';
import { readConfigFile } from './config-file.js';
import type { ConfigOrigin, FoundValue } from './found-value.js';
import { checkValue, parseText } from './setting-value.js';
import {
  type performanceSettings,
  type SectionName,
  type Setting,
  sections,
  type telemetrySettings,
} from './settings.js';
import { rejectMisspeltVariables } from './unknown-names.js';

/** `service_name` as `serviceName`. */
type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
type ValuesOf<T extends Readonly<Record<string, Setting>>> = {
  readonly [K in keyof T & string as Camel<K>]: InferOutput<T[K]['schema']>;
};

export type TelemetrySettings = ValuesOf<typeof telemetrySettings>;
export type PerformanceSettings = ValuesOf<typeof performanceSettings>;

/** Every setting with its effective value, and the origin of each by its key in the file (`telemetry.sample_rate`). */
export interface ResolvedConfig {
  readonly telemetry: TelemetrySettings;
  readonly performance: PerformanceSettings;
  readonly origins: Readonly<Record<string, ConfigOrigin>>;
}

export interface ConfigSources {
  /** What the command line or the program sets; texts are parsed, `undefined` means not set. */
  readonly flags?: {
    readonly telemetry?: { readonly [K in keyof TelemetrySettings]?: TelemetrySettings[K] | string | undefined };
    readonly performance?: { readonly [K in keyof PerformanceSettings]?: PerformanceSettings[K] | string | undefined };
  };
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A file that must exist. Default: `sabot.json` in the working directory, if there is one. */
  readonly file?: string;
}

/**
 * The effective configuration: flags over `SABOT_*` over `OTEL_*` over the file over defaults.
 * Errors: `SABOT_TELEMETRY_CONFIG_VALUE`, `SABOT_TELEMETRY_CONFIG_UNKNOWN_KEY`, `SABOT_TELEMETRY_CONFIG_FILE`; each names
 * the key, the value and where it stands.
 */
export function resolveConfig(sources: ConfigSources = {}): ResolvedConfig {
  const env = sources.env ?? process.env;
  const file = readConfigFile(sources.file);
  rejectMisspeltVariables(env);
  const origins: Record<string, ConfigOrigin> = {};
  const section = (name: SectionName): Record<string, unknown> => {
    const values: Record<string, unknown> = {};
    for (const [key, setting] of Object.entries<Setting>(sections[name])) {
      const flags: Readonly<Record<string, unknown>> = sources.flags?.[name] ?? {};
      const found =
        fromFlag(key, setting, flags) ??
        fromVariable(setting, env) ??
        fromOtel(setting, env) ??
        fromFile(name, key, setting, file);
      values[camel(key)] = found === undefined ? setting.fallback : checkValue(`${name}.${key}`, setting, found);
      origins[`${name}.${key}`] = found?.origin ?? { source: 'default', name: 'default' };
    }
    return values;
  };
  // The records have the settings' keys by construction; the compiler cannot follow the renaming over a runtime loop.
  return {
    telemetry: section('telemetry') as TelemetrySettings,
    performance: section('performance') as PerformanceSettings,
    origins,
  };
}

function fromFlag(key: string, setting: Setting, flags: Readonly<Record<string, unknown>>): FoundValue | undefined {
  const value = flags[camel(key)];
  if (value === undefined) return undefined;
  const origin: ConfigOrigin = { source: 'flag', name: `--${key.replaceAll('_', '-')}` };
  return { value: typeof value === 'string' ? parseText(setting, value) : value, origin };
}

function fromVariable(setting: Setting, env: Readonly<Record<string, string | undefined>>): FoundValue | undefined {
  const text = setting.env === undefined ? undefined : env[setting.env];
  if (setting.env === undefined || text === undefined) return undefined;
  return { value: parseText(setting, text), origin: { source: 'env', name: setting.env } };
}

function fromOtel(setting: Setting, env: Readonly<Record<string, string | undefined>>): FoundValue | undefined {
  for (const { name, read } of setting.otel ?? []) {
    const text = env[name];
    // OpenTelemetry: an empty variable counts as not set.
    if (text === undefined || text === '') continue;
    const translated = read === undefined ? text : read(text, env);
    if (typeof translated === 'string') {
      return { value: parseText(setting, translated), origin: { source: 'otel-env', name } };
    }
  }
  return undefined;
}

function fromFile(
  section: SectionName,
  key: string,
  setting: Setting,
  file: ReturnType<typeof readConfigFile>,
): FoundValue | undefined {
  if (file === undefined) return undefined;
  const values = file.sections[section] ?? {};
  for (const name of [key, setting.alias]) {
    if (name !== undefined && Object.hasOwn(values, name)) {
      return { value: values[name], origin: { source: 'file', name: file.path } };
    }
  }
  return undefined;
}

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
