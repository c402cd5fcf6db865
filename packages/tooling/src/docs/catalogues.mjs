import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from '../bootstrap/build.mjs';
import { productPackages } from '../workspace/workspace.mjs';

/**
 * @typedef {{ kind: string, summary: string, remedy: string }} ErrorDeclaration
 * @typedef {{ component: string, declarations: Record<string, ErrorDeclaration>, code(name: string): string }} ErrorCatalogue
 * @typedef {{ name: string, kind: string, unit?: string, brief: string, attributes: readonly string[], boundaries?: readonly number[] }} SignalDeclaration a metric or a span
 * @typedef {{ type: string, brief: string, values?: readonly (string | number)[] }} AttributeDeclaration
 * @typedef {{ scope: string, attributes: Record<string, AttributeDeclaration>, metrics: Record<string, SignalDeclaration>, spans: Record<string, SignalDeclaration> }} TelemetryCatalogue
 */

/**
 * What the index of each published package exports, built from the sources as they are now.
 *
 * @returns {Promise<{ folder: string, exported: Record<string, unknown> }[]>} in alphabetical order of the folders
 */
async function publishedExports() {
  const packages = productPackages();
  await buildIfStale(packages.map(({ name }) => name));
  return Promise.all(
    packages.map(async ({ folder, path }) => ({
      folder,
      exported: await import(pathToFileURL(join(path, 'dist/index.js')).href),
    })),
  );
}

/** @returns {Promise<ErrorCatalogue[]>} one for each package that declares errors */
export async function errorCatalogues() {
  const packages = await publishedExports();
  return packages.flatMap(
    ({ exported }) => /** @type {ErrorCatalogue[]} */ (those(exported, 'component', 'declarations')),
  );
}

/** @returns {Promise<{ folder: string, catalogue: TelemetryCatalogue }[]>} one for each package that declares telemetry */
export async function telemetryCatalogues() {
  const packages = await publishedExports();
  return packages.flatMap(({ folder, exported }) =>
    /** @type {TelemetryCatalogue[]} */ (those(exported, 'scope', 'metrics', 'spans')).map((catalogue) => ({
      folder,
      catalogue,
    })),
  );
}

/** @returns {Promise<(name: string, kind: string) => string>} what Prometheus calls a metric, by the package's own rule */
export async function prometheusNames() {
  const packages = await publishedExports();
  const found = packages.find(({ exported }) => 'prometheusName' in exported);
  return /** @type {(name: string, kind: string) => string} */ (found?.exported['prometheusName']);
}

/**
 * @param {Record<string, unknown>} exported
 * @param {readonly string[]} keys
 */
function those(exported, ...keys) {
  return Object.values(exported).filter((value) => has(value, ...keys));
}

/**
 * @param {unknown} value
 * @param {readonly string[]} keys
 */
function has(value, ...keys) {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}
