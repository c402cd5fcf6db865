import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { productPackages, root, SOURCE_CONDITION } from '../workspace/workspace.mjs';

/**
 * @typedef {{ kind: string, summary: string, remedy: string }} ErrorDeclaration
 * @typedef {{ component: string, declarations: Record<string, ErrorDeclaration>, code(name: string): string }} ErrorCatalogue
 * @typedef {{ name: string, kind: string, unit?: string, brief: string, attributes: readonly string[], boundaries?: readonly number[] }} SignalDeclaration a metric or a span
 * @typedef {{ type: string, brief: string, values?: readonly (string | number)[] }} AttributeDeclaration
 * @typedef {{ scope: string, attributes: Record<string, AttributeDeclaration>, metrics: Record<string, SignalDeclaration>, spans: Record<string, SignalDeclaration> }} TelemetryCatalogue
 */

const folder = join(root, 'node_modules/.cache/sabot-catalogues');

/**
 * The values that one source file of each package exports (`src/errors.ts`), from the sources as they are now.
 *
 * @param {'errors' | 'telemetry'} file
 * @returns {Promise<{ folder: string, values: unknown[] }[]>} packages without such a file are left out
 */
async function exportsOf(file) {
  const packages = productPackages().filter(({ path }) => existsSync(join(path, `src/${file}.ts`)));
  const out = join(folder, file);
  rmSync(out, { recursive: true, force: true });
  if (packages.length === 0) return [];
  await build({
    config: false,
    silent: true,
    format: 'esm',
    target: 'node20.19',
    outDir: out,
    entry: Object.fromEntries(
      packages.map(({ folder: name, path }) => [name.replace('/', '.'), join(path, `src/${file}.ts`)]),
    ),
    noExternal: [/^@sabot\//],
    esbuildOptions(options) {
      options.absWorkingDir = root;
      options.conditions = [SOURCE_CONDITION];
    },
  });
  return Promise.all(
    packages.map(async ({ folder: name }) => {
      const module = await import(`${pathToFileURL(join(out, `${name.replace('/', '.')}.js`)).href}?${Date.now()}`);
      return { folder: name, values: Object.values(module) };
    }),
  );
}

/** @returns {Promise<ErrorCatalogue[]>} one for each package that declares errors, in alphabetical order */
export async function errorCatalogues() {
  const modules = await exportsOf('errors');
  return modules.flatMap(
    ({ values }) => /** @type {ErrorCatalogue[]} */ (values.filter((value) => has(value, 'component', 'declarations'))),
  );
}

/** @returns {Promise<{ folder: string, catalogue: TelemetryCatalogue }[]>} one for each package that declares telemetry */
export async function telemetryCatalogues() {
  const modules = await exportsOf('telemetry');
  return modules.flatMap(({ folder: name, values }) =>
    values
      .filter((value) => has(value, 'scope', 'metrics', 'spans'))
      .map((value) => ({ folder: name, catalogue: /** @type {TelemetryCatalogue} */ (value) })),
  );
}

/**
 * @param {unknown} value
 * @param {readonly string[]} keys
 */
function has(value, ...keys) {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}
