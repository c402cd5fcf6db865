import { appendFileSync } from 'node:fs';

/** Where a caller wants the two numbers as well, one `passed failed` line. */
const COUNTS_FILE = 'SABOT_TEST_COUNTS';

/**
 * Closes a test run with `N passed, N failed`, alone on the last line. A module, suite or run that
 * breaks outside a test counts as a failure. Printed when the process exits, after every other reporter.
 *
 * @implements {Partial<import('vitest/reporters').Reporter>}
 */
export default class ClosingLineReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
      }
    }
    process.once('exit', () => report(passed, failed));
  }
}

/**
 * @param {number} passed
 * @param {number} failed
 */
function report(passed, failed) {
  const file = process.env[COUNTS_FILE];
  if (file !== undefined) appendFileSync(file, `${passed} ${failed}\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
}
