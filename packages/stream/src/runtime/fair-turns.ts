import type { Turns } from '../ports/turns.js';

/** First come, first served; a turn is over when the budget is used up. */
export function fairTurns(budgetMs: number): Turns {
  let startedMs = performance.now();
  return {
    next: () => 0,
    soon(turn) {
      const immediate = setImmediate(() => {
        startedMs = performance.now();
        turn();
      });
      return () => clearImmediate(immediate);
    },
    over: () => performance.now() - startedMs > budgetMs,
  };
}
