import * as v from 'valibot';
import { errors } from '../errors.js';
import { withoutSecrets } from '../redaction/secret-text.js';
import type { FoundValue } from './found-value.js';
import type { Setting } from './settings.js';

const words: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
};

/** The value that a text from the environment or the command line stands for; an unreadable text stays for the check. */
export function parseText(setting: Setting, text: string): unknown {
  const trimmed = text.trim();
  if (setting.noneWhen?.includes(trimmed.toLowerCase())) return null;
  switch (setting.type) {
    case 'boolean':
      return words[trimmed.toLowerCase()] ?? text;
    case 'number':
      return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
    case 'text':
      return trimmed;
  }
}

/** The value, checked; throws an error that names key, value, source and what is allowed. */
export function checkValue(key: string, setting: Setting, found: FoundValue): unknown {
  const result = v.safeParse(setting.schema, found.value);
  if (result.success) return result.output;
  throw errors.error('CONFIG_VALUE', {
    what: `bad value ${shownValue(setting, found.value)} for ${key} (from ${found.origin.name})`,
    why: `it must be ${expected(setting, result.issues[0].message)}`,
    remedy: `Correct ${key} where it stands, for example to ${example(setting)}.`,
    facts: { key, source: found.origin.source },
  });
}

/** A value as messages and listings show it: without secrets. */
export function shownValue(setting: Setting, value: unknown): string {
  return setting.secret === true && value !== null ? '(hidden)' : withoutSecrets(JSON.stringify(value) ?? 'undefined');
}

function expected(setting: Setting, message: string): string {
  // Valibot's own messages say "Invalid type: …"; the settings' own say what is allowed.
  if (!message.startsWith('Invalid')) return message;
  const kinds = { boolean: 'true or false', number: 'a number', text: 'a text' } as const;
  return kinds[setting.type];
}

function example(setting: Setting): string {
  if (setting.fallback !== null) return JSON.stringify(setting.fallback);
  return '"http://localhost:4318"';
}
