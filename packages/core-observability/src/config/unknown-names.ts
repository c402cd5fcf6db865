import { errors } from '../errors.js';
import { type Setting, sections } from './settings.js';
import { editDistance } from './suggestion.js';

/** Farther apart than this, a `SABOT_*` variable is somebody else's and not a misspelling. */
const MAX_TYPOS = 3;

/** Throws for a `SABOT_*` variable that is nearly a known one: a misspelt variable would otherwise do nothing, silently. */
export function rejectMisspeltVariables(env: Readonly<Record<string, string | undefined>>): void {
  const known = Object.values(sections).flatMap((section) =>
    Object.values<Setting>(section).flatMap(({ env: name }) => (name === undefined ? [] : [name])),
  );
  for (const name of Object.keys(env)) {
    if (!name.startsWith('SABOT_') || known.includes(name)) continue;
    const meant = known.find((candidate) => editDistance(name, candidate) <= MAX_TYPOS);
    if (meant === undefined) continue;
    throw errors.error('CONFIG_UNKNOWN_KEY', {
      what: `unknown environment variable "${name}"`,
      why: 'Sabot has no such setting',
      remedy: `Did you mean "${meant}"?`,
      facts: { key: name },
    });
  }
}
