import { describe, expect, it } from 'vitest';
import { RestartBudget, restartPolicy } from '../../src/supervision/restart-policy.js';

describe('RestartBudget', () => {
  it('waits longer with every restart in the window, up to the limit', () => {
    const budget = new RestartBudget(
      restartPolicy('a', { maxRestarts: 5, backoff: { initialMs: 10, factor: 3, maxMs: 100 } }),
    );
    const waits = [0, 1, 2, 3, 4].map((nowMs) => budget.ask(nowMs));
    expect(waits).toEqual([10, 30, 90, 100, 100].map((delayMs) => ({ kind: 'restart', delayMs })));
    expect(budget.ask(5)).toEqual({ kind: 'give-up' });
  });

  it('forgets restarts that have left the window', () => {
    const budget = new RestartBudget(restartPolicy('a', { maxRestarts: 1, withinMs: 1_000 }));
    expect(budget.ask(0).kind).toBe('restart');
    expect(budget.ask(999).kind).toBe('give-up');
    expect(budget.within(1_000)).toBe(0);
    expect(budget.ask(1_000)).toEqual({ kind: 'restart', delayMs: 100 });
  });

  it.each([
    [{ maxRestarts: -1 }, 'maxRestarts -1'],
    [{ withinMs: 0 }, 'withinMs 0'],
    [{ backoff: { factor: 0.5 } }, 'backoff.factor 0.5'],
    [{ backoff: { initialMs: Number.NaN } }, 'backoff.initialMs NaN'],
  ])('refuses %j', (options, part) => {
    expect(() => restartPolicy('a', options)).toThrow(part);
  });
});
