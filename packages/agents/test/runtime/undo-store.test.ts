import { createMemoryStateStore } from '@sabot/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUndoStore } from '../../src/runtime/undo-store.js';
import { lendingStore } from '../failing-store.js';

const bytes = (...values: number[]) => Buffer.from(values);
const contentOf = (store: ReturnType<typeof createMemoryStateStore>) =>
  [...store.scan()].map(([key, value]) => [[...key], [...value]]);

const write = fc.record({ key: fc.nat(3), value: fc.option(fc.nat(255)) });

describe('an undo store', () => {
  it.each([
    ['a memory store', createMemoryStateStore],
    ['a store that lends its bytes', lendingStore],
  ])('is as it was at the last commit after a rollback, over %s', (_what, open) => {
    fc.assert(
      fc.property(fc.array(write), fc.array(write), (kept, undone) => {
        const store = open();
        const undo = createUndoStore(store);
        const apply = (writes: typeof kept) => {
          for (const { key, value } of writes) {
            if (value === null) undo.delete(bytes(key));
            else undo.put(bytes(key), bytes(value, key));
          }
        };
        apply(kept);
        undo.commit();
        const before = contentOf(store);
        apply(undone);
        undo.rollback();
        expect(contentOf(store)).toEqual(before);
        undo.rollback();
        expect(contentOf(store)).toEqual(before);
      }),
    );
  });

  it('keeps its own copy of a key whose buffer is used again', () => {
    const store = createMemoryStateStore();
    const undo = createUndoStore(store);
    const key = bytes(1);
    undo.put(key, bytes(9));
    key[0] = 2;
    undo.rollback();
    expect(contentOf(store)).toEqual([]);
  });
});
