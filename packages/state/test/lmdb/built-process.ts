import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Builds `crash-process.ts` for plain Node.js, once per test file, and returns its path. */
export async function buildCrashProcess(name: string): Promise<string> {
  // Beside the package's dependencies, so that it finds LMDB.
  const outDir = fileURLToPath(new URL(`../../node_modules/.${name}`, import.meta.url));
  await build({
    entry: { 'crash-process': fileURLToPath(new URL('crash-process.ts', import.meta.url)) },
    outDir,
    config: false,
    format: 'esm',
    target: 'node20.19',
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/^@sabot\//],
    external: ['lmdb'],
    silent: true,
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
    },
  });
  return join(outDir, 'crash-process.mjs');
}
