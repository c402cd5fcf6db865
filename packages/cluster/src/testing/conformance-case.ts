import { AssertionError } from 'node:assert';
import { isSabotError } from '@sabot/core-observability/errors';

/** One rule of a port, to be run by any test runner: `for (const { name, run } of cases) it(name, run)`. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}

/** Passes when `action` fails with this code. */
export async function expectCode(code: string, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (isSabotError(error) && error.code === code) return;
    throw new AssertionError({ message: `expected ${code}, got ${String(error)}`, actual: error, expected: code });
  }
  throw new AssertionError({ message: `expected ${code}, got no failure`, expected: code });
}
