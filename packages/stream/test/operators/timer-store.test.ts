import { createMemoryStateStore, type StateStore } from '@sabot/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerStore } from '../../src/operators/timer-store.js';

const keyOf = (text: string) => new TextEncoder().encode(text);
type Step =
  | { readonly add: number; readonly key: string }
  | { readonly remove: number; readonly key: string }
  | { readonly until: number };

describe('timer store', () => {
  it('fires each (time, key) once, in (time, key) order, as a sorted set does', () => {
    const time = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(0.5, -0.5, -1e15, 1e15));
    const key = fc.constantFrom('a', 'ab', 'b', '');
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ add: time, key }),
      fc.record({ add: time, key }),
      fc.record({ remove: time, key }),
      fc.record({ until: time }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const timers = new TimerStore(createMemoryStateStore());
        const model = new Set<string>();
        for (const now of steps) {
          if ('add' in now) {
            timers.add(now.add, keyOf(now.key), now.key.length);
            model.add(JSON.stringify([now.add + 0, now.key]));
          } else if ('remove' in now) {
            timers.remove(now.remove, keyOf(now.key), now.key.length);
            model.delete(JSON.stringify([now.remove + 0, now.key]));
          } else {
            const due = [...model]
              .map((entry) => JSON.parse(entry) as [number, string])
              .filter(([timeMs]) => timeMs <= now.until)
              .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
            const fired: [number, string][] = [];
            for (let next = timers.takeDue(now.until); next !== undefined; next = timers.takeDue(now.until)) {
              fired.push([next.timeMs, new TextDecoder().decode(next.key)]);
            }
            expect(fired).toEqual(due);
            for (const entry of due) model.delete(JSON.stringify(entry));
          }
        }
      }),
    );
  });
});

describe('timers that change while others fire', () => {
  const fireAll = (timers: TimerStore, untilMs: number, onTimer: (timeMs: number) => unknown) => {
    const fired: number[] = [];
    for (let next = timers.takeDue(untilMs); next !== undefined; next = timers.takeDue(untilMs)) {
      fired.push(next.timeMs);
      onTimer(next.timeMs);
    }
    return fired;
  };
  const key = keyOf('k');

  it('fire in their place when they are added before those still to come, and wait when they are not due', () => {
    const timers = new TimerStore(createMemoryStateStore());
    for (const timeMs of [1, 5, 9]) timers.add(timeMs, key, 1);
    const fired = fireAll(timers, 10, (timeMs) => {
      if (timeMs !== 1) return;
      for (const added of [3, 5, 10, 11]) timers.add(added, key, 1);
    });
    expect(fired).toEqual([1, 3, 5, 9, 10]);
    expect(fireAll(timers, 11, () => undefined)).toEqual([11]);
  });

  it('do not fire when they are removed before their turn, and fire again when they are set again', () => {
    const timers = new TimerStore(createMemoryStateStore());
    for (const timeMs of [1, 5, 9]) timers.add(timeMs, key, 1);
    expect(fireAll(timers, 10, (timeMs) => timeMs === 1 && timers.remove(5, key, 1))).toEqual([1, 9]);
    timers.add(5, key, 1);
    expect(fireAll(timers, 10, () => undefined)).toEqual([5]);
    let again = 0;
    timers.add(7, key, 1);
    expect(fireAll(timers, 10, () => again++ === 0 && timers.add(7, key, 1))).toEqual([7, 7]);
  });

  it('fire from a store that lends Node buffers, as they were set', () => {
    // Reading the time used to write into the lent key: such timers could not be taken, and none behind them fired.
    const store = createMemoryStateStore();
    const lending: StateStore = {
      ...lying(store),
      delete: (entry) => store.delete(entry),
      scan: (range) => Array.from(store.scan(range), ([entry, value]) => [Buffer.from(entry), value] as const),
    };
    new TimerStore(store).add(5, key, 1);
    expect(fireAll(new TimerStore(lending), 10, () => undefined)).toEqual([5]);
    expect([...store.scan()]).toEqual([]);
  });

  it('do not go round for ever over a store that shows a timer which it denies', () => {
    const store = createMemoryStateStore();
    const timers = new TimerStore(lying(store));
    timers.add(5, key, 1);
    expect(() => timers.takeDue(Number.POSITIVE_INFINITY)).toThrow(/STATE_INCONSISTENT/);
  });
});

/** A store whose scans still show what it says is not there. */
function lying(store: StateStore): StateStore {
  return {
    stats: store.stats,
    get: (entry) => store.get(entry),
    put: (entry, value) => store.put(entry, value),
    delete: () => false,
    scan: (range) => store.scan(range),
    snapshot: (epoch) => store.snapshot(epoch),
    restore: (chain) => store.restore(chain),
  };
}
