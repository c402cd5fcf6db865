import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { readJson, root, workspacePackages } from '../workspace/workspace.mjs';
import { outcomeOf, sumOf } from './outcome.mjs';

/**
 * @typedef {{ mayImport: 'all' | readonly string[], composes?: boolean }} Layer a package of `layers.json`. `mayImport` names packages, or a part
 *   of one (`core-observability/errors`); one that composes others may use the telemetry API outside `telemetry.ts`
 * @typedef {Record<string, Layer>} Layers by folder (`packages/stream`)
 * @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule
 */

const TELEMETRY = 'core-observability';

/**
 * Who imports whom, against `layers.json`; and circles, type-only ones included.
 *
 * @param {string} [at] the workspace's root
 */
export async function checkLayers(at = root) {
  const layers = layersOf(readJson(join(at, 'layers.json')));
  const folders = workspacePackages(at).map(({ folder }) => folder);
  const undeclared = folders.filter((folder) => folder !== 'packages/tooling' && !(folder in layers));
  const violations = await violationsIn(
    at,
    folders.map((folder) => `${folder}/src`),
    rulesOf(layers),
  );
  return sumOf([
    outcomeOf(undeclared.map((folder) => `${folder} is not in layers.json`)),
    ...rulesOf(layers).map(({ name }) =>
      outcomeOf(violations.filter((one) => one.rule === name).map(({ text }) => text)),
    ),
  ]);
}

/**
 * @param {{ packages: Layers, apps: Layers }} file
 * @returns {Layers}
 */
function layersOf({ packages, apps }) {
  return Object.fromEntries([
    ...Object.entries(packages).map(([name, layer]) => [`packages/${name}`, layer]),
    ...Object.entries(apps).map(([name, layer]) => [`apps/${name}`, layer]),
  ]);
}

/**
 * @param {Layers} layers
 * @returns {Rule[]}
 */
function rulesOf(layers) {
  return [...commonRules, ...Object.entries(layers).flatMap(([folder, layer]) => layerRules(folder, layer))];
}

/** @type {Rule[]} */
const commonRules = [
  { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^@opentelemetry/' } },
  {
    name: 'no-own-barrel',
    severity: 'error',
    from: { path: '^((?:packages|apps)/[^/]+)/src/' },
    to: { path: '^$1/src/index\\.ts$' },
  },
  {
    name: 'one-package-knows-opentelemetry',
    severity: 'error',
    // The suite that compares Sabot with OpenTelemetry's own instruments needs both.
    from: { path: '^(packages|apps)/', pathNot: `^packages/(${TELEMETRY}|benchmarks/src/suites/observability)/` },
    to: { path: '(^|node_modules/)@opentelemetry/' },
  },
];

/**
 * @param {string} folder
 * @param {Layer} layer
 * @returns {Rule[]}
 */
function layerRules(folder, { mayImport, composes = false }) {
  const from = { path: `^${folder}/src/` };
  /** @type {Rule[]} */
  const rules = [];
  if (mayImport !== 'all') {
    const allowed = [`${folder}/`, ...mayImport.flatMap((name) => [sourceOf(name), `@sabot/${name}(/|$)`])];
    rules.push({
      name: `${folder} imports only what layers.json allows`,
      severity: 'error',
      from,
      // A package that is not among the dependencies is not found, and stays a name.
      to: { path: '^(packages/|apps/|@sabot/)', pathNot: `^(${allowed.join('|')})` },
    });
  }
  if (!composes && folder !== `packages/${TELEMETRY}`)
    rules.push({
      name: `${folder} speaks telemetry in telemetry.ts only`,
      severity: 'error',
      from: { ...from, pathNot: `^${folder}/src/telemetry(\\.ts$|/)` },
      to: {
        path: `^packages/${TELEMETRY}/`,
        pathNot: `^packages/${TELEMETRY}/src/(errors/|tracing/trace-context\\.ts$)`,
      },
    });
  return rules;
}

/** `stream` → its folder; `core-observability/errors` → that folder of its sources. @param {string} name */
function sourceOf(name) {
  const [folder, part] = name.split('/');
  return part === undefined ? `packages/${folder}/` : `packages/${folder}/src/${part}/`;
}

/**
 * @param {string} at
 * @param {string[]} folders
 * @param {Rule[]} forbidden
 * @returns {Promise<{ rule: string, text: string }[]>}
 */
async function violationsIn(at, folders, forbidden) {
  const { output } = await cruise(
    folders,
    {
      baseDir: at,
      ruleSet: { forbidden },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '/dist/' },
    },
    {
      conditionNames: ['@sabot/source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.d.ts', '.json'],
    },
  );
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave text where a result was asked for');
  return output.summary.violations.map(({ rule, from, to, cycle }) => ({
    rule: rule.name,
    text: `${rule.name}: ${from} → ${cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ')}`,
  }));
}
