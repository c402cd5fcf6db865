import { appendFileSync } from 'node:fs';

/** Where a caller wants the two numbers as well, one `passed failed` line. */
const COUNTS_FILE = 'SABOT_TEST_COUNTS';

/**
 * Closes a test run with `N passed, N failed`, alone on the last line. A module, suite or run that breaks outside a
 * test counts as a failure, and so does a run that fails without naming one, for example because it found no test.
 * Printed when the process exits, after every other reporter.
 *
 * @implements {Partial<import('vitest/reporters').Reporter>}
 */
export default class ClosingLineReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    process.once('exit', (exitCode) => report(counts, exitCode));
  }
}

/**
 * @param {{ passed: number, failed: number, skipped: number, pending: number }} counts
 * @param {number} exitCode
 */
function report({ passed, failed, skipped, pending }, exitCode) {
  const explained = exitCode !== 0 && failed === 0 ? 1 : failed;
  const file = process.env[COUNTS_FILE];
  if (file !== undefined) appendFileSync(file, `${passed} ${explained}\n`);
  const notRun = skipped + pending;
  process.stdout.write(`${notRun === 0 ? '' : `\n${notRun} not run`}\n${passed} passed, ${explained} failed\n`);
}
