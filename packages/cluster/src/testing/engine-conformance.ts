import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { isSabotError } from '@sabot/core-observability/errors';
import type { CoordinationChange, Engine } from '../engine/engine.js';
import { clusterErrors } from '../errors.js';
import { commitRecordOf } from './commit-record-of.js';
import { type ConformanceCase, expectCode } from './conformance-case.js';

/** An opened engine under test. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** Ends the engine (as its process ending would) and opens it again; absent for engines that keep nothing. */
  reopen?(): Promise<Engine>;
  /** Closes and removes everything. */
  close(): Promise<void>;
}

type Rule = readonly [name: string, check: (test: EngineUnderTest) => Promise<void>];

const FENCED = 'SABOT_STREAM_FENCED';

/** The rules of `Engine`; `open` gives an empty engine each time. */
export function engineConformance(name: string, open: () => Promise<EngineUnderTest>): readonly ConformanceCase[] {
  return [...registerRules, ...coordinationRules, ...watchRules, ...storageRules].map(([rule, check]) => ({
    name: `${name} ${rule}`,
    run: async () => {
      const test = await open();
      try {
        await check(test);
      } finally {
        await test.close();
      }
    },
  }));
}

const registerRules: readonly Rule[] = [
  [
    'gives a register back what was committed, with the revision that the next commit expects',
    async ({ engine }) => {
      const register = engine.register('job', 'main');
      strictEqual(await register.read(), undefined);
      const first = await register.advance(commitRecordOf({ epoch: 1 }), 0);
      const second = await register.advance(commitRecordOf({ epoch: 2, snapshots: ['a/1'] }), first);
      deepStrictEqual(await register.read(), {
        record: commitRecordOf({ epoch: 2, snapshots: ['a/1'] }),
        revision: second,
      });
    },
  ],
  [
    'lets exactly one of many contenders commit, round after round',
    async ({ engine }) => {
      const register = engine.register('job', 'main');
      for (let round = 1, expected = 0; round <= 50; round++) {
        const owners = Array.from({ length: 8 }, (_, i) => `w${i}`);
        const results = await Promise.allSettled(
          owners.map((owner) =>
            engine.register('job', 'main').advance(commitRecordOf({ epoch: round, owner }), expected),
          ),
        );
        const winners = results.flatMap((result, i) =>
          result.status === 'fulfilled' ? [{ owner: owners[i], revision: result.value }] : [],
        );
        strictEqual(winners.length, 1, `round ${round}: ${winners.length} winners`);
        for (const result of results) ok(result.status === 'fulfilled' || isFenced(result.reason));
        const found = await register.read();
        deepStrictEqual([found?.record.owner, found?.revision], [winners[0]?.owner, winners[0]?.revision]);
        expected = found?.revision ?? 0;
      }
    },
  ],
  [
    'refuses a stale commit and leaves nothing of it',
    async ({ engine }) => {
      const register = engine.register('job', 'main');
      const first = await register.advance(commitRecordOf({ epoch: 1 }), 0);
      const second = await register.advance(commitRecordOf({ epoch: 2 }), first);
      await expectCode(FENCED, () => register.advance(commitRecordOf({ epoch: 3, owner: 'zombie' }), first));
      await expectCode(FENCED, () => register.advance(commitRecordOf({ epoch: 3, owner: 'zombie' }), 0));
      deepStrictEqual(await register.read(), { record: commitRecordOf({ epoch: 2 }), revision: second });
    },
  ],
  [
    'shows a commit whose reply was lost as committed, and refuses its repetition',
    async ({ engine }) => {
      const register = engine.register('job', 'main');
      const mine = commitRecordOf({ epoch: 1, owner: 'mine' });
      await register.advance(mine, 0);
      await expectCode(FENCED, () => register.advance(mine, 0));
      deepStrictEqual((await register.read())?.record, mine);
    },
  ],
  [
    'keeps the registers of tasks and jobs apart',
    async ({ engine }) => {
      await engine.register('a', 'main').advance(commitRecordOf({ job: 'a' }), 0);
      await engine.register('b', 'main').advance(commitRecordOf({ job: 'b' }), 0);
      await engine.register('a', 'other').advance(commitRecordOf({ job: 'a', task: 'other' }), 0);
      strictEqual((await engine.register('a', 'main').read())?.record.task, 'main');
      strictEqual((await engine.register('b', 'main').read())?.record.job, 'b');
    },
  ],
];

const coordinationRules: readonly Rule[] = [
  [
    'writes a key only at the revision that is expected',
    async ({ engine: { coordination } }) => {
      const first = await coordination.put('a', '1', 0);
      ok(first !== undefined && first > 0);
      strictEqual(await coordination.put('a', '2', 0), undefined);
      const second = await coordination.put('a', '2', first);
      ok(second !== undefined && second > first);
      strictEqual(await coordination.put('a', '3', first), undefined);
      ok(await coordination.put('a', '4'));
      strictEqual((await coordination.get('a'))?.value, '4');
    },
  ],
  [
    'lets one of many contenders write a key',
    async ({ engine: { coordination } }) => {
      const tries = await Promise.all(Array.from({ length: 20 }, (_, i) => coordination.put('leader', `w${i}`, 0)));
      strictEqual(tries.filter((revision) => revision !== undefined).length, 1);
    },
  ],
  [
    'deletes a key only at the revision that is expected, and lets it be created anew',
    async ({ engine: { coordination } }) => {
      const revision = (await coordination.put('a', '1', 0)) as number;
      strictEqual(await coordination.delete('a', revision + 1), false);
      strictEqual(await coordination.delete('a', revision), true);
      strictEqual(await coordination.delete('a'), false);
      strictEqual(await coordination.get('a'), undefined);
      const again = await coordination.put('a', '2', 0);
      ok(again !== undefined && again > revision, 'revisions never repeat');
    },
  ],
  [
    'lists keys by prefix in order',
    async ({ engine: { coordination } }) => {
      for (const key of ['tasks/b', 'tasks/a', 'jobs/a', 'tasks/a/1']) await coordination.put(key, key);
      deepStrictEqual(
        (await coordination.list('tasks/')).map(({ key }) => key),
        ['tasks/a', 'tasks/a/1', 'tasks/b'],
      );
      deepStrictEqual(await coordination.list('none'), []);
    },
  ],
  [
    'refuses keys and values that not every engine can store, by code',
    async ({ engine: { coordination } }) => {
      for (const key of ['', '/a', 'a/', 'a b', 'ä', 'a//b', '*', 'x'.repeat(600)]) {
        await expectCode(clusterErrors.code('KEY_INVALID'), () => coordination.put(key, '1'));
      }
      await expectCode(clusterErrors.code('VALUE_TOO_LARGE'), () => coordination.put('a', 'x'.repeat(2_000_000)));
      deepStrictEqual(await coordination.list(''), []);
    },
  ],
];

const watchRules: readonly Rule[] = [
  [
    'shows a watcher the current entries first, then every change in order of revision, deletions too',
    async ({ engine: { coordination } }) => {
      await coordination.put('m/b', '1');
      await coordination.put('m/a', '1');
      await coordination.put('n/a', '1');
      const seen = collect(coordination.watch('m/', seenEnough.signal), (changes) => changes.length === 4);
      await coordination.put('m/c', '2');
      await coordination.delete('m/b');
      const changes = await seen;
      deepStrictEqual(finalState(changes), { 'm/a': '1', 'm/b': undefined, 'm/c': '2' });
      const revisions = changes.map(({ revision }) => revision);
      deepStrictEqual(
        revisions,
        [...revisions].sort((a, b) => a - b),
      );
    },
  ],
  [
    'shows a slow watcher the last value of every key',
    async ({ engine: { coordination } }) => {
      const iterator = coordination.watch('k/', seenEnough.signal)[Symbol.asyncIterator]();
      const first = iterator.next();
      for (let i = 0; i < 200; i++) await coordination.put(`k/${i % 3}`, String(i));
      const changes: CoordinationChange[] = [];
      for (let next = await first; !next.done; next = await iterator.next()) {
        changes.push(next.value);
        if (Object.values(finalState(changes)).sort().join() === '197,198,199') break;
      }
      await iterator.return?.();
    },
  ],
  [
    'ends a watch when its signal aborts',
    async ({ engine: { coordination } }) => {
      const stop = new AbortController();
      const ended = collect(coordination.watch('', stop.signal), () => false);
      stop.abort();
      deepStrictEqual(await ended, []);
    },
  ],
];

const storageRules: readonly Rule[] = [
  [
    'appends to a topic all or nothing, at the sequence that is expected',
    async ({ engine: { log } }) => {
      const messages = ['a', 'b', 'c'].map((text) => ({ payload: new TextEncoder().encode(text) }));
      strictEqual(await log.append('lane-1', messages, { expectedLast: 0 }), 3);
      await expectCode(FENCED, () => log.append('lane-1', messages, { expectedLast: 0 }));
      const read = await log.read('lane-1', 2, 10);
      deepStrictEqual(
        read.map(({ sequence, payload }) => [sequence, new TextDecoder().decode(payload)]),
        [
          [2, 'b'],
          [3, 'c'],
        ],
      );
    },
  ],
  [
    'keeps snapshots under their names',
    async ({ engine: { snapshots } }) => {
      await snapshots.put('job/main/1', new Uint8Array([1, 2, 3]));
      deepStrictEqual([...(await snapshots.get('job/main/1'))], [1, 2, 3]);
      deepStrictEqual(await snapshots.list('job/'), ['job/main/1']);
    },
  ],
  [
    'keeps everything when it is opened again',
    async (test) => {
      if (test.reopen === undefined) return;
      const { engine } = test;
      const revision = await engine.register('job', 'main').advance(commitRecordOf({ epoch: 7 }), 0);
      const kept = await engine.coordination.put('jobs/job', 'kept');
      await engine.coordination.put('jobs/gone', 'x');
      await engine.coordination.delete('jobs/gone');
      await engine.log.append('lane', [{ payload: new Uint8Array([9]) }]);
      await engine.snapshots.put('job/main/1', new Uint8Array([1]));
      const again = await test.reopen();
      deepStrictEqual(await again.register('job', 'main').read(), { record: commitRecordOf({ epoch: 7 }), revision });
      deepStrictEqual(await again.coordination.list(''), [{ key: 'jobs/job', value: 'kept', revision: kept }]);
      strictEqual(await again.log.last('lane'), 1);
      deepStrictEqual([...(await again.snapshots.get('job/main/1'))], [1]);
      await expectCode(FENCED, () => again.register('job', 'main').advance(commitRecordOf({ epoch: 8 }), 0));
    },
  ],
];

/** Never aborted: those watches end by `return`. */
const seenEnough = new AbortController();

async function collect(
  changes: AsyncIterable<CoordinationChange>,
  enough: (seen: readonly CoordinationChange[]) => boolean,
): Promise<readonly CoordinationChange[]> {
  const seen: CoordinationChange[] = [];
  for await (const change of changes) {
    seen.push(change);
    if (enough(seen)) break;
  }
  return seen;
}

function finalState(changes: readonly CoordinationChange[]): Record<string, string | undefined> {
  return Object.fromEntries(changes.map(({ key, value }) => [key, value]));
}

function isFenced(error: unknown): boolean {
  return isSabotError(error) && error.code === FENCED;
}
