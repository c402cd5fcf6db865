import manifest from '../package.json' with { type: 'json' };

/** The version of every `@sabot/*` package: they are released together. */
export const VERSION: string = manifest.version;
