import { deepStrictEqual } from 'node:assert/strict';
import { stateErrors } from '../errors.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import { type ConformanceCase, expectCode, utf8 } from './conformance-case.js';

type Rule = readonly [name: string, check: (store: SnapshotStore) => Promise<void>];

/** The rules of `SnapshotStore`; `open` gives an empty store each time. */
export function snapshotStoreConformance(
  name: string,
  open: () => SnapshotStore | Promise<SnapshotStore>,
): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({ name: `${name} ${rule}`, run: async () => check(await open()) }));
}

const rules: readonly Rule[] = [
  [
    'gives back the bytes that were put, also none and many',
    async (store) => {
      const many = new Uint8Array(1_000_000).map((_, at) => at * 31);
      await store.put('a/many', many);
      await store.put('a/none', new Uint8Array(0));
      deepStrictEqual(Buffer.compare(await store.get('a/many'), many), 0);
      deepStrictEqual((await store.get('a/none')).length, 0);
    },
  ],
  [
    'keeps what was put when the caller changes its array afterwards',
    async (store) => {
      const bytes = Buffer.from('before');
      await store.put('x', bytes);
      bytes.fill(0);
      deepStrictEqual(Buffer.from(await store.get('x')).toString(), 'before');
    },
  ],
  [
    'fails for a name that does not exist',
    (store) => expectCode(stateErrors.code('SNAPSHOT_MISSING'), () => store.get('job/1')),
  ],
  [
    'lists names by prefix in order',
    async (store) => {
      for (const name of ['job/b/2', 'job/a/10', 'job/a/2', 'other']) await store.put(name, utf8(name));
      deepStrictEqual(await store.list('job/'), ['job/a/10', 'job/a/2', 'job/b/2']);
      deepStrictEqual(await store.list('job/a/1'), ['job/a/10']);
      deepStrictEqual(await store.list(''), ['job/a/10', 'job/a/2', 'job/b/2', 'other']);
      deepStrictEqual(await store.list('nothing'), []);
    },
  ],
  [
    'deletes a name, and an absent one without a failure',
    async (store) => {
      await store.put('x', utf8('1'));
      await store.delete('x');
      await store.delete('x');
      deepStrictEqual(await store.list(''), []);
      await expectCode(stateErrors.code('SNAPSHOT_MISSING'), () => store.get('x'));
    },
  ],
  [
    'takes the same bytes again and refuses others under a name',
    async (store) => {
      await store.put('x', utf8('1'));
      await store.put('x', utf8('1'));
      await expectCode(stateErrors.code('SNAPSHOT_EXISTS'), () => store.put('x', utf8('2')));
      deepStrictEqual(Buffer.from(await store.get('x')).toString(), '1');
    },
  ],
  [
    'refuses names that are no path of plain segments',
    async (store) => {
      const bad = [
        '',
        '/',
        'a//b',
        '../a',
        'a/../b',
        '.',
        '.hidden',
        'a/.b',
        'A',
        'a b',
        'a\\b',
        'a\0b',
        '/a',
        'a/',
        'ü',
        `${'x'.repeat(201)}`,
      ];
      for (const name of bad) {
        await expectCode(stateErrors.code('SNAPSHOT_NAME'), () => store.put(name, utf8('1')));
        await expectCode(stateErrors.code('SNAPSHOT_NAME'), () => store.get(name));
        await expectCode(stateErrors.code('SNAPSHOT_NAME'), () => store.delete(name));
      }
      deepStrictEqual(await store.list(''), []);
    },
  ],
];
