import { stateErrors } from '../errors.js';
import { chainEnd } from './snapshot-chain.js';
import type { SnapshotHeader, SnapshotOrigin } from './snapshot-format.js';

/** Deltas of small states are not worth counting: below this a chain is never cut short for its size. */
const FREE_DELTA_BYTES = 64 * 1024;

export const DEFAULT_MAX_DELTAS = 16;

/** Fails with `STATE_DECLARATION` unless the option is a whole number ≥ 0. */
export function checkMaxDeltas(maxDeltas: number): number {
  if (Number.isSafeInteger(maxDeltas) && maxDeltas >= 0) return maxDeltas;
  throw stateErrors.error('STATE_DECLARATION', {
    what: 'cannot open a state store',
    why: `maxDeltas is ${maxDeltas}, which is not a whole number ≥ 0`,
  });
}

/**
 * Decides what the next snapshot builds on, so that a chain stays short: a full snapshot after `maxDeltas` deltas, or
 * when the deltas together outgrow the state (then reading the chain costs more than twice the state).
 */
export class ChainPolicy {
  private base: { readonly epoch: number; readonly id: string } | null = null;
  private deltas = 0;
  private deltaBytes = 0;
  private lastEpoch = -1;
  private readonly maxDeltas: number;

  constructor(maxDeltas: number) {
    this.maxDeltas = maxDeltas;
  }

  /** Takes the epoch of a snapshot; fails with `EPOCH_ORDER` unless it is above every confirmed one. */
  origin(epoch: number, stateBytes: number): SnapshotOrigin {
    if (!Number.isSafeInteger(epoch) || epoch < 0 || epoch <= this.lastEpoch) {
      throw stateErrors.error('EPOCH_ORDER', {
        what: `cannot take a snapshot of epoch ${epoch}`,
        why: this.lastEpoch < 0 ? 'it is no whole number ≥ 0' : `the last confirmed epoch is ${this.lastEpoch}`,
      });
    }
    const outgrown = this.deltas >= this.maxDeltas || this.deltaBytes > stateBytes + FREE_DELTA_BYTES;
    return { epoch, base: outgrown ? null : this.base };
  }

  /** A store was opened that holds this epoch already; −1: none. */
  resumeAfter(epoch: number): void {
    this.lastEpoch = epoch;
  }

  /** The next snapshot is full. */
  startAnew(): void {
    this.base = null;
  }

  /** A snapshot was confirmed; `id` undefined: nobody took its bytes, so nothing can build on it. */
  confirmed(origin: SnapshotOrigin, id: string | undefined, bytes: number): void {
    this.lastEpoch = origin.epoch;
    this.base = id === undefined ? null : { epoch: origin.epoch, id };
    this.deltas = origin.base === null ? 0 : this.deltas + 1;
    this.deltaBytes = origin.base === null ? 0 : this.deltaBytes + bytes;
  }

  /** The store now holds what this chain says. */
  restored(links: readonly SnapshotHeader[], chainBytes: readonly number[]): void {
    this.base = links.length === 0 ? null : chainEnd(links);
    this.lastEpoch = chainEnd(links).epoch;
    this.deltas = Math.max(0, links.length - 1);
    this.deltaBytes = chainBytes.slice(1).reduce((sum, bytes) => sum + bytes, 0);
  }
}
