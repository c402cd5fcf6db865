import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {Record<string, string>} Dependencies
 * @typedef {{ name: string, version: string, private?: boolean, exports?: Record<string, unknown>, bin?: Record<string, string>,
 *   dependencies?: Dependencies, devDependencies?: Dependencies, publishConfig?: { access?: string, exports?: Record<string, unknown> }, description?: string, license?: string,
 *   engines?: Dependencies, sideEffects?: boolean, type?: string }} Manifest
 * @typedef {{ name: string, folder: string, path: string, manifest: Manifest }} WorkspacePackage `folder` is relative to the root (`packages/stream`), `path` absolute
 */

/** Resolves a workspace package to its TypeScript sources. */
export const SOURCE_CONDITION = '@sabot/source';

export const root = fileURLToPath(new URL('../../../../', import.meta.url)).replace(/[\\/]$/, '');

/**
 * @param {string} path
 * @returns {any}
 */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * Every package and app of the workspace, in alphabetical order of their folders.
 *
 * @param {string} [at] the workspace's root
 * @returns {WorkspacePackage[]}
 */
export function workspacePackages(at = root) {
  return ['apps', 'packages'].flatMap((group) =>
    foldersIn(join(at, group)).flatMap((name) => {
      const folder = `${group}/${name}`;
      const path = join(at, folder);
      try {
        const manifest = /** @type {Manifest} */ (readJson(join(path, 'package.json')));
        return [{ name: manifest.name, folder, path, manifest }];
      } catch {
        return []; // a folder without a manifest is not a package
      }
    }),
  );
}

/** The packages that are published: not private. */
export function productPackages(at = root) {
  return workspacePackages(at).filter(({ manifest }) => manifest.private !== true);
}

/**
 * The named packages and all that they depend on at run time, inside the workspace.
 *
 * @param {readonly string[]} names
 * @param {readonly WorkspacePackage[]} packages
 */
export function withDependencies(names, packages = workspacePackages()) {
  const reached = new Set(names);
  for (const name of reached) {
    const found = packages.find((one) => one.name === name);
    for (const [dependency, range] of Object.entries(found?.manifest.dependencies ?? {}))
      if (range.startsWith('workspace:')) reached.add(dependency);
  }
  return packages.filter(({ name }) => reached.has(name));
}

/** @param {string} path */
function foldersIn(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
