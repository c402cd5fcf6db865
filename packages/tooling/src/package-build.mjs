import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE_CONDITION } from './workspace/workspace.mjs';

/**
 * The tsup options of one package. The entries are the subpaths that its manifest exports, so a new
 * subpath is declared in one place, and `src/main.ts` where there is one: the program that a launcher imports.
 * `build:js` writes code and maps; `build:types` (`--dts-only`) declarations.
 *
 * @param {{ dts?: unknown }} cli what tsup read from its command line
 * @returns {import('tsup').Options}
 */
export function packageBuild(cli) {
  const typesOnly = isTypesOnly(cli.dts);
  if (typesOnly) removeDeclarations('dist');
  return {
    entry: entriesOf('.'),
    format: ['esm', 'cjs'],
    target: 'node20.19',
    platform: 'node',
    // Subpaths share chunks in both formats: one copy of module state per format.
    splitting: true,
    sourcemap: true,
    clean: !typesOnly,
    shims: true,
    silent: true,
    // esbuild remembers the folder that it was started in; one process builds several packages.
    esbuildOptions(options) {
      options.absWorkingDir = process.cwd();
    },
  };
}

/**
 * @param {string} folder of a package
 * @returns {Record<string, string>} output name → source file, from the package's folder
 */
export function entriesOf(folder) {
  /** @type {{ exports?: Record<string, string | Record<string, unknown>> }} */
  const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  /** @type {Record<string, string>} */
  const entries = {};
  for (const target of Object.values(exports)) {
    if (typeof target === 'string') continue;
    const source = target[SOURCE_CONDITION];
    if (typeof source === 'string') entries[source.replace(/^\.\/src\//, '').replace(/\.ts$/, '')] = source;
  }
  if (existsSync(join(folder, 'src/main.ts'))) entries['main'] = './src/main.ts';
  return entries;
}

/** @param {unknown} dts */
function isTypesOnly(dts) {
  return typeof dts === 'object' && dts !== null && 'only' in dts && dts.only === true;
}

/** @param {string} folder */
function removeDeclarations(folder) {
  let names;
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return; // nothing built yet
  }
  for (const name of names) if (/\.d\.c?ts$/.test(name)) rmSync(join(folder, name));
}
