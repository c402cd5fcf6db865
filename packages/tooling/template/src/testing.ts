import { deepStrictEqual } from 'node:assert/strict';
import type { Greeter } from './greeting/greeter.js';

/** One rule that every implementation of a port keeps; `run` throws when it is broken. */
export interface ConformanceCase {
  readonly name: string;
  run(): void;
}

/** What every greeter does: run each case as a test of your own implementation. */
export function greeterConformance(create: () => Greeter): readonly ConformanceCase[] {
  return [
    {
      name: 'counts its greetings',
      run() {
        const greeter = create();
        greeter.greet('Ada');
        greeter.greet('Grace');
        deepStrictEqual({ ...greeter.stats }, { greetings: 2 });
      },
    },
  ];
}
