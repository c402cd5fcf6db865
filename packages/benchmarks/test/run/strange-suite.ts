import type { Suite } from '../../src/suite/suite.js';

/** Not written where it is imported, so that no build looks for it. */
const ABSENT = ['not', 'a', 'package'].join('-');

/** A suite of contenders that behave in every way a contender can. */
export const strangeSuite: Suite = {
  name: 'strange',
  what: 'Contenders that count, fail, hang and are not there.',
  cases: [
    {
      name: 'counting',
      what: 'Gives 10, 20, 30 …; a warm-up takes the first.',
      unit: 'events/s',
      better: 'higher',
      baseline: 'steady',
      timeoutMs: 3000,
      references: { published: 7 },
      contenders: [
        { name: 'steady', open: async () => ({ sample: async () => ({ value: 10 }) }) },
        { name: 'rising', open: async () => rising() },
        { name: 'absent', requires: ABSENT, peer: true, open: () => import(ABSENT) },
        { name: 'broken', open: () => Promise.reject(new TypeError('no such table')) },
        { name: 'tired', open: async () => tired() },
        { name: 'nan', open: async () => ({ sample: async () => ({ value: Number.NaN }) }) },
        { name: 'dead', open: async () => process.exit(3) },
        { name: 'hanging', open: () => new Promise(() => setInterval(() => undefined, 1000)) },
      ],
    },
    {
      name: 'in turns',
      what: 'Two contenders that see each other in one process.',
      unit: 'ms',
      better: 'lower',
      baseline: 'first',
      isolation: 'shared',
      warmups: 0,
      contenders: ['first', 'second'].map((name) => ({
        name,
        open: async () => ({ sample: async () => ({ value: ++turns, facts: { pid: process.pid } }) }),
      })),
    },
  ],
};

let turns = 0;

function rising() {
  let value = 0;
  return {
    sample: async () => {
      value += 10;
      return { value, facts: { rssMb: value * 2 } };
    },
  };
}

function tired() {
  let left = 2;
  return {
    sample: async () => {
      if (left-- === 0) throw new RangeError('out of breath');
      return { value: 1 };
    },
  };
}
