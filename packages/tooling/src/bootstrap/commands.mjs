import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInForeground, tellFailure } from '../workspace/process.mjs';
import { root } from '../workspace/workspace.mjs';
import { buildIfStale, buildJs, runTasks } from './build.mjs';
import { installIfStale } from './install.mjs';

/** @type {Record<string, (args: readonly string[]) => Promise<number>>} */
const commands = {
  demo,
  test,
  build,
  verify: (args) => runProgram('verify.mjs', args),
  docs: (args) => runProgram('docs.mjs', args),
  'new-package': (args) => runProgram('new-package.mjs', args),
};

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
    const exitCode = tellFailure(error);
    if (name === 'test') console.log('\n0 passed, 1 failed');
    return exitCode;
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

/**
 * @param {string} name of a program of this package
 * @param {readonly string[]} args
 */
async function runProgram(name, args) {
  await installIfStale('full');
  return runInForeground(process.execPath, [join(root, 'packages/tooling', name), ...args]);
}

/** @param {readonly string[]} args names of packages, for their JavaScript only; all packages and their declarations when none is named */
async function build(args) {
  await installIfStale('full');
  await buildJs(args);
  if (args.length === 0) await runTasks(['build:types']);
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
