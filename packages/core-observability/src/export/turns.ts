import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long work gives the event loop back after this long, or after so many series, whichever comes first. */
const TURN_MS = 2;
export const SERIES_PER_TURN = 128;

/** Cuts long work into turns of the event loop, so that batches do not wait for it. */
export class Turns {
  private endMs = performance.now() + TURN_MS;
  private series = 0;

  /** To be awaited after work on `series` series, when it is not undefined. */
  after(series: number): Promise<void> | undefined {
    this.series += series;
    if (this.series < SERIES_PER_TURN && performance.now() < this.endMs) return undefined;
    return this.next();
  }

  private async next(): Promise<void> {
    await nextTurn();
    this.endMs = performance.now() + TURN_MS;
    this.series = 0;
  }
}
