import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { SOURCE_CONDITION } from './workspace/workspace.mjs';

/**
 * The tsup options of the package in this folder. The entries are the subpaths that its manifest exports, so a new
 * subpath is declared in one place, and `src/main.ts` where there is one: the program that a launcher imports.
 * Declarations are made elsewhere, for all packages at once (`build-types.mjs`).
 *
 * @returns {import('tsup').Options}
 */
export function packageBuild() {
  const dist = resolve('dist');
  return {
    entry: entriesOf('.'),
    // Not there in a small install, and nobody else's program belongs into our tarballs.
    external: devDependenciesOf('.'),
    format: ['esm', 'cjs'],
    target: 'node20.19',
    platform: 'node',
    // Subpaths share chunks in both formats: one copy of module state per format.
    splitting: true,
    sourcemap: true,
    clean: true,
    shims: true,
    silent: true,
    async onSuccess() {
      makeSourcesRelative(dist);
    },
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

/**
 * What sources may import where it is installed and do without elsewhere; tsup would bundle it.
 *
 * @param {string} folder of a package
 * @returns {string[]}
 */
export function devDependenciesOf(folder) {
  /** @type {{ devDependencies?: Record<string, string> }} */
  const { devDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.keys(devDependencies);
}

/**
 * The maps of CommonJS name the file that they describe by its absolute path, which is nobody's business.
 *
 * @param {string} folder
 */
function makeSourcesRelative(folder) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.map')) continue;
    const path = join(folder, name);
    const map = JSON.parse(readFileSync(path, 'utf8'));
    map.sources = map.sources.map((/** @type {string} */ source) =>
      isAbsolute(source) ? relative(dirname(path), source).replaceAll('\\', '/') : source,
    );
    writeFileSync(path, JSON.stringify({ ...map, file: basename(path, '.map') }));
  }
}
