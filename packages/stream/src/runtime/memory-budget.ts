import { streamErrors } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { adopt } from './attribution.js';

/** What one instance holds in memory. */
export interface Holding {
  readonly instance: string;
  readonly bytes: number;
}

export interface MemoryBudgetParts {
  readonly job: string;
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly holdings: () => readonly Holding[];
  /** Whether nothing is on its way that could free memory. */
  readonly atRest: () => boolean;
  /** Memory has become free: sources may be read again. */
  readonly onRoom: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Sources are held from this part of the limit on: what is on its way may still grow. */
const HIGH_WATER = 0.8;
const WATCH_MS = 10;
/** Memory that nothing has freed for so long, with nothing under way, will not become free. */
const HOPELESS_MS = 500;

/**
 * Holds sources back while the lanes of a thread hold too much: elements in channels, batches at hand, operators' state
 * and keyed state in memory. Fails the job when that cannot help, because what is held is state that waits for input.
 */
export class MemoryBudget {
  private readonly parts: MemoryBudgetParts;
  private cancelWatch: (() => void) | undefined;
  private restedMs = 0;
  private closed = false;

  constructor(parts: MemoryBudgetParts) {
    this.parts = parts;
  }

  /** Whether sources have to wait; asked before each batch that is taken. */
  get exhausted(): boolean {
    if (this.usedBytes < this.parts.limitBytes * HIGH_WATER) return false;
    if (this.cancelWatch === undefined && !this.closed) this.watch();
    return true;
  }

  close(): void {
    this.closed = true;
    this.cancelWatch?.();
  }

  private get usedBytes(): number {
    let used = 0;
    for (const { bytes } of this.parts.holdings()) used += bytes;
    return used;
  }

  private watch(): void {
    this.cancelWatch = this.parts.clock.schedule(WATCH_MS, () => {
      this.cancelWatch = undefined;
      if (!this.exhausted) {
        this.restedMs = 0;
        this.parts.onRoom();
        return;
      }
      this.restedMs = this.parts.atRest() ? this.restedMs + WATCH_MS : 0;
      if (this.restedMs >= HOPELESS_MS) this.parts.onFailure(this.exceeded());
    });
  }

  private exceeded() {
    const { job, limitBytes, holdings } = this.parts;
    const largest = holdings().reduce((most, holding) => (holding.bytes > most.bytes ? holding : most));
    const error = streamErrors.error('MEMORY_EXCEEDED', {
      what: `operator "${largest.instance}" of job "${job}" holds ${mebibytes(largest.bytes)}`,
      why: `together with the others that is ${mebibytes(this.usedBytes)} of ${mebibytes(limitBytes)} for its thread, and it waits for input to let go of any`,
      facts: { operator: largest.instance, bytes: largest.bytes, limitBytes },
    });
    return adopt(error);
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
