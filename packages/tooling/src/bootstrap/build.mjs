import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readStamp, removeStamp, statFingerprint, writeStamp } from '../workspace/fingerprint.mjs';
import { capture, StepFailure, tailOf } from '../workspace/process.mjs';
import { root, withDependencies } from '../workspace/workspace.mjs';
import { environmentWithPnpm } from './install.mjs';

const stampPath = join(root, 'node_modules/.cache/sabot-build.json');
const buildProgram = join(root, 'packages/tooling/src/package-build.mjs');

/**
 * Builds the JavaScript of the named packages and of what they depend on, unless nothing changed since the last time.
 *
 * @param {readonly string[]} names
 */
export async function buildIfStale(names) {
  const packages = withDependencies(names);
  const inputs = packages.flatMap(({ path }) =>
    ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'].map((name) => join(path, name)),
  );
  const fingerprint = statFingerprint([buildProgram, join(root, 'tsconfig.base.json'), ...inputs]);
  const built = packages.every(({ path }) => existsSync(join(path, 'dist')));
  if (built && readStamp(stampPath)?.[names.join()] === fingerprint) return;

  console.log(`building ${packages.length} packages …`);
  removeStamp(stampPath);
  await buildJs(packages.map(({ name }) => name));
  writeStamp(stampPath, { [names.join()]: fingerprint });
}

/** @param {readonly string[]} names of packages; all when none is named */
export async function buildJs(names = []) {
  const program = join(root, 'packages/tooling/build-js.mjs');
  const { exitCode, output } = await capture(process.execPath, [program, ...names]);
  if (exitCode !== 0) throw buildFailure(output);
}

/**
 * @param {readonly string[]} args tasks and filters of `turbo run`
 * @returns {Promise<string>} what it printed
 */
export async function runTasks(args) {
  const program = join(root, 'node_modules/.bin/turbo');
  const flags = ['--output-logs=errors-only', '--log-order=grouped', '--concurrency=2'];
  const { exitCode, output } = await capture(program, ['run', ...args, ...flags], { env: await environmentWithPnpm() });
  if (exitCode !== 0) throw buildFailure(output);
  return output;
}

/** @param {string} output */
function buildFailure(output) {
  return new StepFailure('the build failed', {
    output: tailOf(output, 60),
    remedy: 'If you did not change any source, remove node_modules and run the same command again.',
  });
}
