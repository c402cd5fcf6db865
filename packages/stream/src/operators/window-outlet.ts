import type { Batch } from '@sabot/columnar';
import type { OperatorOutput, OperatorStats } from '../ports/operator.js';
import { ShownResults } from './shown-results.js';
import type { WindowSettings } from './window-settings.js';

/** Gives results of windows out: as they are, or as changes of what was given out before; counted. */
export class WindowOutlet {
  readonly shown: ShownResults | undefined;
  private readonly stats: OperatorStats;

  constructor({ results, output, identity }: WindowSettings<unknown>, stats: OperatorStats) {
    this.stats = stats;
    this.shown = results === 'retracting' ? new ShownResults(output, identity) : undefined;
  }

  give(results: Batch, output: OperatorOutput): void {
    this.stats.firedWindows += results.numRows;
    output.emit(this.shown === undefined ? results : this.shown.show(results));
  }

  /** Windows that end by this time are gone. */
  expire(endMs: number): void {
    this.shown?.expire(endMs);
  }

  snapshot(): Uint8Array {
    return this.shown?.snapshot() ?? new Uint8Array(0);
  }

  restore(bytes: Uint8Array): void {
    this.shown?.restore(bytes);
  }
}
