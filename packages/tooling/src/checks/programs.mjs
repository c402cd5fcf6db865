import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildJs, runTasks } from '../bootstrap/build.mjs';
import { installIfStale } from '../bootstrap/install.mjs';
import { capture, StepFailure } from '../workspace/process.mjs';
import { root } from '../workspace/workspace.mjs';
import { outcomeOf, outcomeOfRun, sumOf } from './outcome.mjs';

/** Checks that are one program each. */

export async function checkInstall() {
  await installIfStale('full');
  const hosts = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8').match(/https?:\/\/\S+/g) ?? [];
  return sumOf([outcomeOf([]), outcomeOf(hosts.map((host) => `pnpm-lock.yaml names a host: ${host}`))]);
}

export async function checkFormatAndLint() {
  return outcomeOfRun(
    await capture(join(root, 'node_modules/.bin/biome'), ['ci', '--max-diagnostics=30', '--colors=off']),
    'biome ci',
  );
}

export async function checkUnused() {
  return outcomeOfRun(
    await capture(join(root, 'packages/tooling/node_modules/.bin/knip'), ['--no-progress', '--no-config-hints']),
    'knip',
  );
}

export function checkTypes() {
  return outcomeOfTasks(['types']);
}

export async function checkBuild() {
  await buildJs();
  return outcomeOfTasks(['build:types']);
}

/** @param {readonly string[]} tasks */
async function outcomeOfTasks(tasks) {
  try {
    await runTasks([...tasks, '--continue']);
    return outcomeOf([]);
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    return outcomeOf([`${error.message}\n${error.output}`]);
  }
}
