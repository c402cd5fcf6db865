import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { capture } from '../src/workspace/process.mjs';
import { root } from '../src/workspace/workspace.mjs';

const reporter = join(root, 'packages/tooling/src/closing-line-reporter.mjs');
const head = "import { beforeAll, describe, expect, it } from 'vitest';\n";

/**
 * What a run of vitest over these test files ends with. Below the workspace's node_modules, where `vitest` resolves.
 *
 * @param {readonly string[]} codes of test files
 */
async function endOfRunOf(...codes) {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'sabot-reporter-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { test: { reporters: ['default', ${JSON.stringify(reporter)}], include: ['*.case.mjs'] } };\n`,
  );
  for (const [index, code] of codes.entries()) writeFileSync(join(folder, `${index}.case.mjs`), head + code);
  const counts = join(folder, 'counts');
  const { exitCode, stdout } = await capture(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder],
    { cwd: folder, env: { ...process.env, SABOT_TEST_COUNTS: counts, NO_COLOR: '1' } },
  );
  const lines = stdout.trimEnd().split('\n');
  return { exitCode, lastLine: lines.at(-1), lineBefore: lines.at(-2), counts: readFileSync(counts, 'utf8') };
}

// Each case starts a vitest of its own.
vi.setConfig({ testTimeout: 60_000 });

it('closes with what passed and what failed, and says what was not run', async () => {
  const code = "it('a', () => {}); it('b', () => expect(1).toBe(2)); it.skip('c', () => {}); it.todo('d');";
  expect(await endOfRunOf(code)).toEqual({
    exitCode: 1,
    lastLine: '1 passed, 1 failed',
    lineBefore: '2 not run',
    counts: '1 1\n',
  });
});

it('counts as failures a file that cannot be imported, a suite that breaks before its tests, and an error outside every test', async () => {
  const brokenImport = "import './nowhere.mjs'; it('a', () => {});";
  const brokenSuite = "describe('x', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); });";
  const leftBehind = "it('a', () => { Promise.reject(new Error('left behind')); });";
  expect(await endOfRunOf(brokenImport, brokenSuite, leftBehind)).toMatchObject({
    exitCode: 1,
    lastLine: '1 passed, 3 failed',
    lineBefore: '1 not run',
  });
});

it('counts a run that finds no test as a failure', async () => {
  expect(await endOfRunOf()).toMatchObject({ exitCode: 1, lastLine: '0 passed, 1 failed' });
});

it('ends well when everything passes', async () => {
  expect(await endOfRunOf("it('a', () => {});")).toMatchObject({ exitCode: 0, lastLine: '1 passed, 0 failed' });
});
