import { existsSync, readFileSync } from 'node:fs';
import { errors } from '../errors.js';
import { withoutSecrets } from '../redaction/secret-text.js';
import { type SectionName, type Setting, sections } from './settings.js';
import { suggest } from './suggestion.js';

/** The sections of a configuration file, keys known, values not yet checked. */
export interface ConfigFile {
  readonly path: string;
  readonly sections: Partial<Record<SectionName, Readonly<Record<string, unknown>>>>;
}

const DEFAULT_FILE = 'sabot.json';

/** Reads `sabot.json`, or the file that was asked for; undefined when none was asked for and there is none. */
export function readConfigFile(path: string | undefined): ConfigFile | undefined {
  if (path === undefined && !existsSync(DEFAULT_FILE)) return undefined;
  const name = path ?? DEFAULT_FILE;
  return { path: name, sections: checkKeys(name, parse(name)) };
}

function parse(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw fileError(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fileError(path, `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
}

function fileError(path: string, why: string, cause?: unknown): Error {
  return errors.error('CONFIG_FILE', { what: `cannot read the configuration "${path}"`, why, cause });
}

function checkKeys(path: string, content: unknown): ConfigFile['sections'] {
  if (!isRecord(content)) throw fileError(path, 'it does not hold a JSON object');
  for (const [name, section] of Object.entries(content)) {
    if (name === '$schema') continue;
    if (!Object.hasOwn(sections, name)) throw unknownKey(path, name, section, Object.keys(sections));
    if (!isRecord(section)) throw fileError(path, `its section "${name}" is not an object`);
    const settings: Readonly<Record<string, Setting>> = sections[name as SectionName];
    const known = Object.entries(settings).flatMap(([key, { alias }]) => (alias === undefined ? [key] : [key, alias]));
    for (const key of Object.keys(section)) {
      if (!known.includes(key)) throw unknownKey(path, `${name}.${key}`, section[key], known);
    }
    for (const [key, { alias }] of Object.entries(settings)) {
      if (alias !== undefined && Object.hasOwn(section, key) && Object.hasOwn(section, alias)) {
        throw fileError(path, `"${name}.${key}" and "${name}.${alias}" are the same setting and both stand in it`);
      }
    }
  }
  return content as ConfigFile['sections'];
}

function unknownKey(path: string, key: string, value: unknown, known: readonly string[]): Error {
  const prefix = key.slice(0, key.indexOf('.') + 1);
  // Only the key itself is compared: a long section name must not make far words near.
  const meant = suggest(key.slice(prefix.length), known);
  return errors.error('CONFIG_UNKNOWN_KEY', {
    what: `unknown key "${key}" (${withoutSecrets(JSON.stringify(value))}) in "${path}"`,
    why: 'Sabot has no such setting',
    remedy:
      meant === undefined
        ? `Known keys: ${known.map((each) => prefix + each).join(', ')}.`
        : `Did you mean "${prefix}${meant}"?`,
    facts: { key },
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
