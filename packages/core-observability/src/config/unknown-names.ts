import { errors } from '../errors.js';
import { withoutSecrets } from '../redaction/secret-text.js';
import { type Setting, sections } from './settings.js';
import { suggest } from './suggestion.js';

const PREFIX = 'SABOT_';

/** Throws for a `SABOT_*` variable that is nearly a known one: a misspelt variable would otherwise do nothing, silently. */
export function rejectMisspeltVariables(env: Readonly<Record<string, string | undefined>>): void {
  const known = Object.values(sections).flatMap((section) =>
    Object.values<Setting>(section).flatMap(({ env: name }) => (name === undefined ? [] : [name.slice(PREFIX.length)])),
  );
  for (const [name, value] of Object.entries(env)) {
    const word = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || known.includes(word)) continue;
    // What is not like a setting is somebody else's variable.
    const meant = suggest(word, known);
    if (meant === undefined) continue;
    throw errors.error('CONFIG_UNKNOWN_KEY', {
      what: `unknown environment variable "${name}" (${withoutSecrets(JSON.stringify(value))})`,
      why: 'Sabot has no such setting',
      remedy: `Did you mean "${PREFIX}${meant}"?`,
      facts: { key: name },
    });
  }
}
