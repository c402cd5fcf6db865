import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { CommitRecord, CommitRegister } from '../ports/commit-register.js';
import { type ConformanceCase, expectCode } from './conformance-case.js';

/** Opens the register of a place; the same place again gives what was written there. */
export type OpenRegister = (place: string) => CommitRegister | Promise<CommitRegister>;

let places = 0;

/** The rules of `CommitRegister`; `open` is given a new place for each rule, and the same one to open it again. */
export function commitRegisterConformance(name: string, open: OpenRegister): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({
    name: `${name} ${rule}`,
    run: async () => {
      const place = `register-${places++}`;
      await check(async () => open(place));
    },
  }));
}

const record = (epoch: number, owner = 'a'): CommitRecord => ({
  version: 1,
  job: 'job',
  task: 'main',
  epoch,
  owner,
  positions: { source: { '0': { offset: 7, file: 'ünï', done: false, none: null } } },
  watermarks: { source: { '0': 12.5, '1': 'end', '2': null } },
  snapshots: ['job/1', 'job/2'],
  sinks: { sink: { bytes: 9 } },
  layout: '{}',
  finished: false,
  committedAtMs: 1,
});

const rules: readonly (readonly [name: string, check: (open: () => Promise<CommitRegister>) => Promise<void>])[] = [
  ['is empty at first', async (open) => strictEqual(await (await open()).read(), undefined)],
  [
    'gives back the record that was written, whole, with its revision',
    async (open) => {
      const register = await open();
      const revision = await register.advance(record(1), 0);
      deepStrictEqual(await register.read(), { record: record(1), revision });
      const next = await register.advance(record(2), revision);
      deepStrictEqual(await register.read(), { record: record(2), revision: next });
    },
  ],
  [
    'is seen by whoever opens the same place',
    async (open) => {
      const revision = await (await open()).advance(record(1), 0);
      deepStrictEqual(await (await open()).read(), { record: record(1), revision });
    },
  ],
  [
    'refuses a write whose expectation is outdated, and keeps what it has',
    async (open) => {
      const register = await open();
      const first = await register.advance(record(1), 0);
      const second = await register.advance(record(2), first);
      await expectCode('FENCED', () => register.advance(record(3, 'b'), first));
      await expectCode('FENCED', () => register.advance(record(3, 'b'), 0));
      deepStrictEqual(await register.read(), { record: record(2), revision: second });
    },
  ],
  [
    'lets one of several contenders win each round',
    async (open) => {
      const register = await open();
      let revision = 0;
      for (let round = 1; round <= 5; round++) {
        const owners = ['a', 'b', 'c', 'd'];
        const outcomes = await Promise.allSettled(
          owners.map((owner) => register.advance(record(round, owner), revision)),
        );
        strictEqual(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
        revision = (await register.read())?.revision as number;
      }
    },
  ],
];
