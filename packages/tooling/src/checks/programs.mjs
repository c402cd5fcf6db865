import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildJs, runTasks } from '../bootstrap/build.mjs';
import { installIfStale } from '../bootstrap/install.mjs';
import { capture } from '../workspace/process.mjs';
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

/** All sources and tests as one program: package by package, each would check again what lies below it. */
export async function checkTypes() {
  await runTasks(['types']);
  return outcomeOf([]);
}

export async function checkBuild() {
  await buildJs();
  await runTasks(['build:types']);
  return outcomeOf([]);
}
