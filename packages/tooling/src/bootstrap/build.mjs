import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from '../package-build.mjs';
import { readStamp, statFingerprint, writeStamp } from '../workspace/fingerprint.mjs';
import { capture, StepFailure, tailOf } from '../workspace/process.mjs';
import { root, withDependencies, workspacePackages } from '../workspace/workspace.mjs';
import { environmentWithPnpm } from './install.mjs';
import { withLock } from './lock.mjs';

/** @typedef {import('../workspace/workspace.mjs').WorkspacePackage} WorkspacePackage */

const stampPath = join(root, 'node_modules/.cache/sabot-build.json');

/** What every build depends on; the catalog in pnpm-workspace.yaml says which bundler. */
const SHARED_INPUTS = ['packages/tooling/src/package-build.mjs', 'tsconfig.base.json', 'pnpm-workspace.yaml'];

/**
 * Builds the JavaScript of the named packages and of what they depend on, where something changed since the last time.
 *
 * @param {readonly string[]} names
 */
export async function buildIfStale(names) {
  if (staleOf(names).length === 0) return;
  await withLock(async () => {
    const stale = staleOf(names); // another process may have built them while this one waited
    if (stale.length === 0) return;
    console.log(`building ${stale.length} ${stale.length === 1 ? 'package' : 'packages'} …`);
    await build(stale);
  });
}

/**
 * Builds the JavaScript of packages whether they changed or not.
 *
 * @param {readonly string[]} names of packages; all when none is named
 */
export async function buildJs(names = []) {
  const chosen = buildable(workspacePackages()).filter(({ name }) => names.length === 0 || names.includes(name));
  const unknown = names.filter((name) => !chosen.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new StepFailure(`there is nothing to build called ${unknown.join(', ')}`, {
      remedy: `There are: ${buildable(workspacePackages())
        .map(({ name }) => name)
        .join(', ')}.`,
    });
  await withLock(() => build(chosen));
}

/** What turbo and pnpm say of themselves. */
const TURBO_CHATTER =
  /^( *•| *Tasks:| *Cached:| *Time:| *Failed:|.*(cache miss|cache hit|ELIFECYCLE| ERROR {2}|^> )).*\n|^\n/gm;

/** @param {readonly string[]} args tasks of `turbo run` */
export async function runTasks(args) {
  const program = join(root, 'node_modules/.bin/turbo');
  const flags = ['--output-logs=errors-only', '--log-order=grouped', '--log-prefix=none', '--concurrency=2'];
  const { exitCode, output } = await capture(program, ['run', ...args, ...flags], { env: await environmentWithPnpm() });
  if (exitCode !== 0) throw buildFailure(output.replaceAll(TURBO_CHATTER, ''));
}

/** @param {readonly WorkspacePackage[]} packages */
async function build(packages) {
  // Before: a source that changes while it is being built counts as changed.
  const fingerprints = Object.fromEntries(packages.map((one) => [one.name, fingerprintOf(one)]));
  const others = Object.entries(readStamp(stampPath) ?? {}).filter(([name]) => !(name in fingerprints));
  // Torn in the middle, the build must not look fresh.
  writeStamp(stampPath, Object.fromEntries(others));
  const program = join(root, 'packages/tooling/build-js.mjs');
  const { exitCode, output } = await capture(process.execPath, [program, ...packages.map(({ name }) => name)]);
  if (exitCode !== 0) throw buildFailure(output);
  writeStamp(stampPath, { ...Object.fromEntries(others), ...fingerprints });
}

/** @param {readonly string[]} names */
function staleOf(names) {
  const stamp = readStamp(stampPath) ?? {};
  return buildable(withDependencies(names)).filter((one) => stamp[one.name] !== fingerprintOf(one) || !isBuilt(one));
}

/** @param {readonly WorkspacePackage[]} packages */
function buildable(packages) {
  return packages.filter(({ path }) => existsSync(join(path, 'tsup.config.ts')));
}

/** @param {WorkspacePackage} one */
function fingerprintOf({ path }) {
  return statFingerprint([
    ...SHARED_INPUTS.map((name) => join(root, name)),
    ...['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'].map((name) => join(path, name)),
  ]);
}

/** A restored cache of declarations makes `dist` too: what counts is the code. @param {WorkspacePackage} one */
function isBuilt({ path }) {
  return Object.keys(entriesOf(path)).every((name) => existsSync(join(path, 'dist', `${name}.js`)));
}

/** @param {string} output */
function buildFailure(output) {
  return new StepFailure('the build failed', {
    output: tailOf(output, 60),
    remedy: 'If you did not change any source, remove node_modules and run the same command again.',
  });
}
