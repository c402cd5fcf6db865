import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interruption, runInForeground, StepFailure } from '../workspace/process.mjs';
import { root } from '../workspace/workspace.mjs';
import { buildIfStale, buildJs, runTasks } from './build.mjs';
import { installIfStale } from './install.mjs';

/** @type {Record<string, (args: readonly string[]) => Promise<number>>} */
const commands = { demo, test, verify, build };

/**
 * @param {string | undefined} name
 * @param {readonly string[]} args passed on to the program that the command runs
 * @returns {Promise<number>} exit code
 */
export async function runCommand(name, args) {
  const command = commands[name ?? ''];
  if (command === undefined) {
    console.error(`usage: node packages/tooling/bootstrap.mjs ${Object.keys(commands).join(' | ')} [arguments]`);
    return 2;
  }
  try {
    return await command(args);
  } catch (error) {
    if (error instanceof Interruption) {
      console.error(`${error.message}.`);
      return error.exitCode;
    }
    if (!(error instanceof StepFailure)) throw error;
    console.error([error.output, `\n${error.message}.`, error.remedy].filter((line) => line !== '').join('\n'));
    if (name === 'test') console.log('\n0 passed, 1 failed');
    return 1;
  }
}

/** @param {readonly string[]} args */
async function demo(args) {
  await installIfStale('demo');
  await buildIfStale(['@sabot/demo', '@sabot/cli']);
  return runInForeground(process.execPath, ['--enable-source-maps', join(root, 'apps/demo/dist/main.js'), ...args]);
}

/** @param {readonly string[]} args */
async function test(args) {
  await installIfStale('full');
  return runTests(args);
}

/** @param {readonly string[]} args */
async function verify(args) {
  await installIfStale('full');
  return runInForeground(process.execPath, [join(root, 'packages/tooling/verify.mjs'), ...args]);
}

/** @param {readonly string[]} args names of packages; all when none is named */
async function build(args) {
  await installIfStale('full');
  await buildJs(args);
  await runTasks(['build:types', ...args.map((name) => `--filter=${name}`)]);
  return 0;
}

/**
 * Runs vitest. Its reporter prints the closing line; when vitest did not get as far as that, this does.
 *
 * @param {readonly string[]} args
 */
async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-test-'));
  const countsFile = join(folder, 'counts');
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const env = { ...process.env, SABOT_TEST_COUNTS: process.env['SABOT_TEST_COUNTS'] ?? countsFile };
    const exitCode = await runInForeground(process.execPath, [vitest, 'run', ...args], { env });
    if (wasWritten(env.SABOT_TEST_COUNTS)) return exitCode;
    console.log('\n0 passed, 1 failed');
    return exitCode === 0 ? 1 : exitCode;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} path */
function wasWritten(path) {
  try {
    return readFileSync(path, 'utf8') !== '';
  } catch {
    return false;
  }
}
