import type { Idle, Watermark } from '../ports/signal.js';

/** Signals are immutable: one object serves all. */
export const IDLE: Idle = { kind: 'idle' };

/**
 * The watermark of several inputs or splits: the minimum over those that are neither idle nor ended, never backwards.
 * Ended ones leave the minimum too, so that an ended input beside an idle one does not carry time to its end.
 */
export class WatermarkMerger {
  private readonly times: Float64Array;
  private readonly idle: Uint8Array;
  private emittedMs = Number.NEGATIVE_INFINITY;
  private emittedIdle = false;

  constructor(inputs: number) {
    this.times = new Float64Array(inputs).fill(Number.NEGATIVE_INFINITY);
    this.idle = new Uint8Array(inputs);
  }

  /** The input's watermark, `Infinity` at its end; a lower one than before changes nothing. */
  advance(input: number, timeMs: number): void {
    if (timeMs > (this.times[input] as number)) this.times[input] = timeMs;
    this.idle[input] = 0;
  }

  markIdle(input: number): void {
    this.idle[input] = 1;
  }

  /** The input has sent a batch: it counts again. */
  markActive(input: number): void {
    this.idle[input] = 0;
  }

  timeOf(input: number): number {
    return this.times[input] as number;
  }

  isIdle(input: number): boolean {
    return this.idle[input] === 1;
  }

  /** The merged watermark as last given out. */
  get currentMs(): number {
    return this.emittedMs;
  }

  /** What has to be told downstream now, if anything changed. */
  next(): Watermark | Idle | undefined {
    let minimumMs = Number.POSITIVE_INFINITY;
    let open = 0;
    let idle = 0;
    for (let input = 0; input < this.times.length; input++) {
      const timeMs = this.times[input] as number;
      if (timeMs === Number.POSITIVE_INFINITY) continue;
      if (this.idle[input] === 1) idle++;
      else {
        open++;
        if (timeMs < minimumMs) minimumMs = timeMs;
      }
    }
    if (open > 0) return this.active(minimumMs);
    if (idle === 0) return this.active(Number.POSITIVE_INFINITY);
    if (this.emittedIdle) return undefined;
    this.emittedIdle = true;
    return IDLE;
  }

  private active(timeMs: number): Watermark | undefined {
    const wasIdle = this.emittedIdle;
    this.emittedIdle = false;
    if (timeMs > this.emittedMs) {
      this.emittedMs = timeMs;
      return { kind: 'watermark', timeMs };
    }
    // Coming back from idleness has to be said even if time has not moved.
    return wasIdle && this.emittedMs > Number.NEGATIVE_INFINITY
      ? { kind: 'watermark', timeMs: this.emittedMs }
      : undefined;
  }
}
