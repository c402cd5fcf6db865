import type { ResolvedConfig } from './resolve-config.js';
import { shownValue } from './setting-value.js';
import { type SectionName, type Setting, sections } from './settings.js';

/** One effective setting for people: where it came from, secrets left out. */
export interface ShownSetting {
  /** As in the file: `telemetry.sample_rate`. */
  readonly setting: string;
  /** The effective value; `(hidden)` or without its credentials where it is or holds a secret. */
  readonly value: string | number | boolean | null;
  readonly source: ResolvedConfig['origins'][string]['source'];
  /** The flag, variable or file; `default` for a default. */
  readonly from: string;
}

/** Every effective setting, in the order of the documentation. */
export function shownSettings(config: ResolvedConfig): readonly ShownSetting[] {
  return Object.entries(config.origins).map(([key, { source, name }]) => ({
    setting: key,
    value: shownText(config, key),
    source,
    from: name,
  }));
}

/** What a message says about the setting behind a failure: `telemetry.prometheus_port is 8000, from SABOT_PROMETHEUS_PORT`. */
export function settingInWords(config: ResolvedConfig, key: string): string {
  const { name = 'default' } = config.origins[key] ?? {};
  return `${key} is ${JSON.stringify(shownText(config, key))}, ${name === 'default' ? 'the default' : `from ${name}`}`;
}

function shownText(config: ResolvedConfig, key: string): ShownSetting['value'] {
  const [section = 'telemetry', name = ''] = key.split('.') as [SectionName, string];
  const setting = (sections[section] as Readonly<Record<string, Setting>>)[name];
  const values: Readonly<Record<string, unknown>> = { ...config[section] };
  const value = values[name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  // Settings are scalars; what is no text has nothing to hide.
  if (setting === undefined || typeof value !== 'string') return (value ?? null) as ShownSetting['value'];
  return setting.secret === true ? shownValue(setting, value) : (JSON.parse(shownValue(setting, value)) as string);
}
