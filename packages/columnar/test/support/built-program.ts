import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Builds `test/fixtures/<name>.ts` with this package's sources for plain Node.js; returns the program's path. */
export async function buildProgram(name: string): Promise<string> {
  // Beside the package's dependencies, so that the program finds them.
  const outDir = fileURLToPath(new URL(`../../node_modules/.${name}`, import.meta.url));
  await build({
    entry: { [name]: fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url)) },
    outDir,
    config: false,
    format: 'esm',
    target: 'node20.19',
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/^@sabot\//],
    external: ['apache-arrow', 'vitest'],
    silent: true,
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
    },
  });
  return join(outDir, `${name}.mjs`);
}
