import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
}

/** The version of this package: its manifest lies one folder above, for sources and for the built file alike. */
export const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest)
  .version;
