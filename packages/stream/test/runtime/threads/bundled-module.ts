import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsup';

/** A module beside the tests as one JavaScript file that any thread can import, the runtime from source in it. */
export async function bundledModule(
  file: string,
  format: 'esm' | 'cjs' = 'esm',
): Promise<{ readonly url: URL; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sabot-module-'));
  const name = basename(file, '.ts');
  const extension = format === 'esm' ? '.mjs' : '.cjs';
  await build({
    entry: { [name]: fileURLToPath(new URL(file, import.meta.url)) },
    outDir: folder,
    config: false,
    format,
    target: 'node20.19',
    outExtension: () => ({ js: extension }),
    noExternal: [/./],
    silent: true,
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
    },
  });
  return { url: pathToFileURL(join(folder, `${name}${extension}`)), remove: () => rm(folder, { recursive: true }) };
}
