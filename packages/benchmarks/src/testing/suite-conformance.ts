import { ok, strictEqual } from 'node:assert/strict';
import type { BenchmarkCase, Suite } from '../suite/suite.js';
import type { ConformanceCase } from './conformance-case.js';

/** The rules of `Suite`, without measuring anything: what a report and a comparison rely on. */
export function suiteConformance(name: string, load: () => Promise<Suite>): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({ name: `${name} ${rule}`, run: async () => check(await load()) }));
}

/** Opens one contender of a case, takes two samples, and closes it: that it runs at all, and again. */
export function contenderConformance(of: BenchmarkCase, contender: string): ConformanceCase {
  return {
    name: `${of.name}, ${contender}, gives finite samples again and again`,
    async run() {
      const found = of.contenders.find(({ name }) => name === contender);
      ok(found, `case ${of.name} has no contender ${contender}`);
      const open = await found.open();
      for (let turn = 0; turn < 2; turn++) {
        const { value, facts = {} } = await open.sample();
        for (const number of [value, ...Object.values(facts)]) ok(Number.isFinite(number), `${number} is no result`);
      }
      await open.close?.();
    },
  };
}

const rules: readonly (readonly [name: string, check: (suite: Suite) => void])[] = [
  ['has cases, each under a name of its own', ({ cases }) => distinct(cases.map(({ name }) => name))],
  [
    'has contenders in every case, each under a name of its own',
    ({ cases }) => {
      for (const { contenders } of cases) distinct(contenders.map(({ name }) => name));
    },
  ],
  [
    'has the baseline of every case among its contenders',
    ({ cases }) => {
      for (const { baseline, contenders, name } of cases) {
        ok(
          contenders.some((contender) => contender.name === baseline),
          `${name} has no contender ${baseline}`,
        );
      }
    },
  ],
  [
    'calls what it needs from elsewhere a peer',
    ({ cases }) => {
      for (const { requires, peer, name } of cases.flatMap(({ contenders }) => contenders)) {
        ok(requires === undefined || peer === true, `${name} needs ${requires} and is not called a peer`);
      }
    },
  ],
];

function distinct(names: readonly string[]): void {
  ok(names.length > 0, 'there is none');
  strictEqual(new Set(names).size, names.length, `two have one name: ${names.join(', ')}`);
}
