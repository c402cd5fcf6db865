import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { productPackages, readJson, root, SOURCE_CONDITION } from '../workspace/workspace.mjs';
import { outcomeOf, sumOf } from './outcome.mjs';

/**
 * What the manifests of the published packages must agree on.
 *
 * @param {string} [at] the workspace's root
 */
export function checkManifests(at = root) {
  const packages = productPackages(at);
  const node = readJson(join(at, 'package.json')).engines.node;
  const versions = new Set(packages.map(({ manifest }) => manifest.version));
  return sumOf([
    outcomeOf(versions.size > 1 ? [`one version for all packages, not ${[...versions].join(', ')}`] : []),
    ...packages.map((one) =>
      outcomeOf(problemsOf(one, node).map((problem) => `${one.folder}/package.json: ${problem}`)),
    ),
  ]);
}

/**
 * @param {import('../workspace/workspace.mjs').WorkspacePackage} one
 * @param {string} node
 * @returns {string[]}
 */
function problemsOf({ path, folder, manifest }, node) {
  const published = withoutSource(manifest.exports ?? {});
  /** @type {[boolean, string][]} */
  const rules = [
    [manifest.name === `@sabot/${folder.split('/')[1]}`, 'the name is the folder’s, with @sabot/ before it'],
    [
      isDeepStrictEqual(manifest.publishConfig?.exports, published),
      `publishConfig.exports must be exports without ${SOURCE_CONDITION}`,
    ],
    [manifest.publishConfig?.access === 'public', 'publishConfig.access must be public'],
    [manifest.license === 'Apache-2.0', 'license must be Apache-2.0'],
    [manifest.engines?.['node'] === node, `engines.node must be ${node}`],
    [manifest.sideEffects === false, 'sideEffects must be false'],
    [manifest.type === 'module', 'type must be module'],
    [
      Object.values({ ...manifest.dependencies, ...manifest.devDependencies }).every(
        (range) => range === 'catalog:' || range === 'workspace:*',
      ),
      'versions stand in the catalog of pnpm-workspace.yaml; dependencies say catalog: or workspace:*',
    ],
    [existsSync(join(path, 'README.md')), 'there must be a README.md'],
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

/** @param {Record<string, unknown>} exports */
function withoutSource(exports) {
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, target]) => {
      if (typeof target !== 'object' || target === null) return [subpath, target];
      return [
        subpath,
        Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== SOURCE_CONDITION)),
      ];
    }),
  );
}
