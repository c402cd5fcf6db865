import { checkBudgets } from './budgets.mjs';
import { checkCleanClone } from './clean-clone.mjs';
import { checkInstalledPackages, checkQuickStarts } from './consumer.mjs';
import { checkDemo, checkDemoOnNode24 } from './demo.mjs';
import { checkDocs } from './docs.mjs';
import { checkLayers } from './layers.mjs';
import { checkManifests } from './manifests.mjs';
import { checkBuild, checkFormatAndLint, checkInstall, checkTypes, checkUnused } from './programs.mjs';
import { checkRelease } from './release.mjs';
import { checkTarballs, packAll } from './tarballs.mjs';
import { checkTests } from './tests.mjs';

/**
 * @typedef {object} Step
 * @property {string} name for `--only`
 * @property {() => Promise<import('./outcome.mjs').Outcome> | import('./outcome.mjs').Outcome} run
 * @property {readonly string[]} [after] steps that must have passed
 * @property {boolean} [alone] nothing else runs beside it: it measures time, or uses both cores itself
 * @property {boolean} [onRequest] runs only when named
 */

/** @type {readonly Step[]} */
export const steps = [
  { name: 'install', run: checkInstall, alone: true },
  { name: 'format', run: checkFormatAndLint },
  { name: 'layers', run: () => checkLayers() },
  { name: 'budgets', run: () => checkBudgets() },
  { name: 'manifests', run: () => checkManifests() },
  { name: 'unused', run: checkUnused },
  { name: 'types', run: checkTypes },
  { name: 'build', run: checkBuild },
  { name: 'docs', run: checkDocs, after: ['build'] },
  { name: 'pack', run: packAll, after: ['build'] },
  { name: 'packages', run: checkTarballs, after: ['pack'] },
  { name: 'consumer', run: checkInstalledPackages, after: ['pack'] },
  { name: 'quick-starts', run: checkQuickStarts, after: ['consumer'] },
  { name: 'release', run: checkRelease, after: ['build'] },
  { name: 'tests', run: checkTests, alone: true },
  { name: 'demo', run: checkDemo, after: ['build'], alone: true },
  { name: 'demo-node24', run: checkDemoOnNode24, after: ['build'], alone: true },
  { name: 'clean-clone', run: checkCleanClone, alone: true, onRequest: true },
];
