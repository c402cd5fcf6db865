import { bindStates, createMemoryStateStore } from '@sabot/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runningDeviation } from '../../src/state/running-deviation.js';

const key = new Uint8Array([1]);

function open(store = createMemoryStateStore()) {
  const binding = bindStates(store, { history: runningDeviation() });
  binding.setKey(key);
  return { store, binding, history: binding.states.history };
}

describe('runningDeviation', () => {
  it('equals the two-pass mean and population deviation of any values, across restarts', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.array(value), (before, after) => {
        const first = open();
        for (const x of before) first.history.add(x);
        first.binding.flush();
        const second = open(first.store);
        for (const x of after) second.history.add(x);
        const all = [...before, ...after];
        const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
        const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
        expect(second.history.count).toBe(all.length);
        expect(second.history.mean).toBeCloseTo(mean, 6);
        expect(second.history.standardDeviation).toBeCloseTo(deviation, 3);
      }),
    );
  });

  it('keeps its digits where the squares of the values would lose them', () => {
    const { history } = open();
    for (const x of [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]) history.add(x);
    expect(history.standardDeviation).toBeCloseTo(Math.sqrt(22.5), 9);
    expect(history.zScore(1e9 + 10 + 2 * Math.sqrt(22.5))).toBeCloseTo(2, 8);
  });

  it('has no score before the values differ, and starts over when cleared', () => {
    const { history } = open();
    expect([history.count, history.mean, history.zScore(1)]).toEqual([0, Number.NaN, Number.NaN]);
    history.add(3);
    history.add(3);
    expect(history.zScore(4)).toBeNaN();
    history.clear();
    expect(history.count).toBe(0);
  });
});
