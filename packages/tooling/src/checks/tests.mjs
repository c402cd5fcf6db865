import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../workspace/process.mjs';
import { root } from '../workspace/workspace.mjs';

/**
 * Every test, counted one by one.
 *
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function checkTests() {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-tests-'));
  try {
    const countsFile = join(folder, 'counts');
    const args = [join(root, 'packages/tooling/bootstrap.mjs'), 'test'];
    const { exitCode, output } = await capture(process.execPath, args, {
      env: { ...process.env, SABOT_TEST_COUNTS: countsFile },
    });
    const { passed, failed } = countsIn(countsFile);
    const unexplained = exitCode !== 0 && failed === 0 ? 1 : 0;
    return {
      passed,
      failed: failed + unexplained,
      problems: exitCode === 0 ? [] : [output.trimEnd().split('\n').slice(-120).join('\n')],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @returns {{ passed: number, failed: number }} nothing passed when there is no such file
 */
function countsIn(path) {
  try {
    const [passed = 0, failed = 0] = readFileSync(path, 'utf8').trim().split(' ').map(Number);
    return { passed, failed };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
