import { deepStrictEqual } from 'node:assert/strict';
import type { Greeter } from '../greeting/greeter.js';
import type { ConformanceCase } from './conformance-case.js';

type Rule = readonly [name: string, check: (greeter: Greeter) => void];

/** The rules of `Greeter`; `create` gives a new one each time. */
export function greeterConformance(name: string, create: () => Greeter): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({ name: `${name} ${rule}`, run: async () => check(create()) }));
}

const rules: readonly Rule[] = [
  [
    'counts its greetings',
    (greeter) => {
      greeter.greet('Ada');
      greeter.greet('Grace');
      deepStrictEqual({ ...greeter.stats }, { greetings: 2 });
    },
  ],
];
