import type { StateStore } from '@sabot/state';
import { streamErrors } from '../errors.js';

/** No state name begins with these bytes, so timers share the operator's store. */
const NAMESPACES = { 'event-time': 1, 'processing-time': 2 } as const;
const HEAD_BYTES = 9;
const NOTHING = new Uint8Array(0);
const RECENT = 1024;

/** A timer that has come due. */
export interface DueTimer {
  readonly timeMs: number;
  readonly key: Uint8Array;
  /** As it stands in the store. */
  readonly entry: Uint8Array;
}

/**
 * Timers in a state store, ordered by time, then key: `01 (or 02, of processing time) · time as an order-preserving float64 · key bytes`.
 * The store keeps each (time, key) once, and its snapshots carry them.
 */
export class TimerStore {
  private readonly store: StateStore;
  private readonly namespace: number;
  private readonly recent = new RecentTimers();
  private buffer = new Uint8Array(64);
  private view = new DataView(this.buffer.buffer);
  /** Timers found due, in order, of which the first `taken` have been taken. */
  private due: DueTimer[] = [];
  private taken = 0;
  private outdated = false;
  /** Whether timers were taken back since the last scan: only then may one that it showed be gone. */
  private removedSome = false;
  /** No timer beyond `due` is due before this. */
  private nextMs = Number.NEGATIVE_INFINITY;

  constructor(store: StateStore, time: keyof typeof NAMESPACES = 'event-time') {
    this.store = store;
    this.namespace = NAMESPACES[time];
  }

  add(timeMs: number, key: Uint8Array, length: number): void {
    // Setting the same timer for row after row is the common case.
    if (!this.recent.remember(timeMs, key, length)) return;
    this.store.put(this.entry(timeMs, key, length), NOTHING);
    const last = this.due.at(-1);
    // It may belong between those that are still to fire.
    if (last !== undefined && timeMs <= last.timeMs) this.outdated = true;
    if (timeMs < this.nextMs) this.nextMs = timeMs;
  }

  remove(timeMs: number, key: Uint8Array, length: number): void {
    this.recent.forget(timeMs, key, length);
    this.removedSome = true;
    this.store.delete(this.entry(timeMs, key, length));
  }

  /** Takes the earliest timer that is due at `nowMs`: its time and a copy of its key. */
  takeDue(nowMs: number): DueTimer | undefined {
    for (;;) {
      const timer = this.due[this.taken];
      if (timer === undefined || this.outdated) {
        if (this.nextMs > nowMs) return undefined;
        this.findDue(nowMs);
        if (this.due.length === 0) return undefined;
        continue;
      }
      this.taken++;
      this.recent.forget(timer.timeMs, timer.key, timer.key.length);
      if (this.store.delete(timer.entry)) return timer;
      if (!this.removedSome) throw inconsistent(timer.timeMs);
    }
  }

  /** When the earliest timer is due, epoch milliseconds; Infinity without one. */
  earliestMs(): number {
    for (const [bytes] of this.store.scan(this.range)) return decodeTime(bytes);
    return Number.POSITIVE_INFINITY;
  }

  private get range() {
    return { from: Uint8Array.of(this.namespace), to: Uint8Array.of(this.namespace + 1) };
  }

  /** One scan for all due timers: ordered scans of a store that is written to in between cost far more. */
  private findDue(nowMs: number): void {
    this.due = [];
    this.taken = 0;
    this.outdated = false;
    this.nextMs = Number.POSITIVE_INFINITY;
    this.removedSome = false;
    for (const [bytes] of this.store.scan(this.range)) {
      const timeMs = decodeTime(bytes);
      if (timeMs > nowMs) {
        this.nextMs = timeMs;
        return;
      }
      const entry = Uint8Array.from(bytes);
      this.due.push({ timeMs, key: entry.subarray(HEAD_BYTES), entry });
    }
  }

  private entry(timeMs: number, key: Uint8Array, length: number): Uint8Array {
    if (this.buffer.length < HEAD_BYTES + length) {
      this.buffer = new Uint8Array(2 * (HEAD_BYTES + length));
      this.view = new DataView(this.buffer.buffer);
    }
    this.buffer[0] = this.namespace;
    encodeTime(timeMs, this.view);
    for (let at = 0; at < length; at++) this.buffer[HEAD_BYTES + at] = key[at] as number;
    return this.buffer.subarray(0, HEAD_BYTES + length);
  }
}

/** The timers set last, one per slot: a timer found here is in the store already. */
class RecentTimers {
  private readonly times = new Float64Array(RECENT).fill(Number.NaN);
  private readonly keys: Uint8Array[] = new Array<Uint8Array>(RECENT).fill(NOTHING);

  /** False when the timer was there already. */
  remember(timeMs: number, key: Uint8Array, length: number): boolean {
    const slot = slotOf(key, length);
    const known = this.keys[slot] as Uint8Array;
    const sameKey = isSame(known, key, length);
    if (sameKey && this.times[slot] === timeMs) return false;
    this.times[slot] = timeMs;
    if (!sameKey) this.keys[slot] = key.slice(0, length);
    return true;
  }

  forget(timeMs: number, key: Uint8Array, length: number): void {
    const slot = slotOf(key, length);
    if (this.times[slot] === timeMs) this.times[slot] = Number.NaN;
  }
}

/** FNV-1a. */
function slotOf(key: Uint8Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (key[at] as number), 0x01000193);
  return (hash ^ (hash >>> 16)) & (RECENT - 1);
}

function isSame(known: Uint8Array, key: Uint8Array, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== key[at]) return false;
  return true;
}

/** Positive: sign bit flipped; negative: all bits flipped. Then byte order is numeric order (IEEE 754). */
function encodeTime(timeMs: number, view: DataView): void {
  view.setFloat64(1, timeMs);
  const negative = timeMs < 0;
  view.setUint32(1, view.getUint32(1) ^ (negative ? 0xffffffff : 0x80000000));
  if (negative) view.setUint32(5, view.getUint32(5) ^ 0xffffffff);
}

const decoding = new DataView(new ArrayBuffer(8));

/** Only reads the entry: its bytes belong to the store. */
function decodeTime(entry: Uint8Array): number {
  const source = new DataView(entry.buffer, entry.byteOffset);
  const negative = source.getUint32(1) < 0x80000000;
  decoding.setUint32(0, source.getUint32(1) ^ (negative ? 0xffffffff : 0x80000000));
  decoding.setUint32(4, source.getUint32(5) ^ (negative ? 0xffffffff : 0));
  return decoding.getFloat64(0);
}

function inconsistent(timeMs: number) {
  return streamErrors.error('STATE_INCONSISTENT', {
    what: `cannot take a timer that is due at ${timeMs}`,
    why: 'the state store shows it in a scan and denies it when it is deleted',
  });
}
