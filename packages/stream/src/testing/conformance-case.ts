import { AssertionError } from 'node:assert';
import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';

/** One rule of a port, to be run by any test runner: `for (const { name, run } of cases) it(name, run)`. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}

/** Passes when `action` fails with this code of the package. */
export async function expectCode(
  code: keyof (typeof streamErrors)['declarations'] & string,
  action: () => unknown,
): Promise<void> {
  const expected = streamErrors.code(code);
  try {
    await action();
  } catch (error) {
    if (isSabotError(error) && error.code === expected) return;
    throw new AssertionError({ message: `expected ${expected}, got ${String(error)}`, actual: error, expected });
  }
  throw new AssertionError({ message: `expected ${expected}, got no failure`, expected });
}
