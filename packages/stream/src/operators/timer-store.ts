import type { StateStore } from '@sabot/state';

/** No state name begins with this byte, so timers share the operator's store. */
const NAMESPACE = 1;
const HEAD_BYTES = 9;
const NOTHING = new Uint8Array(0);

/**
 * Timers in a state store, ordered by time, then key: `01 · time as an order-preserving float64 · key bytes`.
 * The store keeps each (time, key) once, and its snapshots carry them.
 */
export class TimerStore {
  private readonly store: StateStore;
  private buffer = new Uint8Array(64);
  /** No timer is due before this. */
  private nextMs = Number.NEGATIVE_INFINITY;

  constructor(store: StateStore) {
    this.store = store;
  }

  add(timeMs: number, key: Uint8Array, length: number): void {
    this.store.put(this.entry(timeMs, key, length), NOTHING);
    if (timeMs < this.nextMs) this.nextMs = timeMs;
  }

  remove(timeMs: number, key: Uint8Array, length: number): void {
    this.store.delete(this.entry(timeMs, key, length));
  }

  /** Takes the earliest timer that is due at `nowMs`: its time and a copy of its key. */
  takeDue(nowMs: number): { readonly timeMs: number; readonly key: Uint8Array } | undefined {
    if (this.nextMs > nowMs) return undefined;
    for (const [entry] of this.store.scan({ from: Uint8Array.of(NAMESPACE), to: Uint8Array.of(NAMESPACE + 1) })) {
      const timeMs = decodeTime(entry);
      this.nextMs = timeMs;
      if (timeMs > nowMs) return undefined;
      const copy = entry.slice();
      this.store.delete(copy);
      return { timeMs, key: copy.subarray(HEAD_BYTES) };
    }
    this.nextMs = Number.POSITIVE_INFINITY;
    return undefined;
  }

  private entry(timeMs: number, key: Uint8Array, length: number): Uint8Array {
    if (this.buffer.length < HEAD_BYTES + length) this.buffer = new Uint8Array(2 * (HEAD_BYTES + length));
    this.buffer[0] = NAMESPACE;
    encodeTime(timeMs, this.buffer);
    this.buffer.set(key.subarray(0, length), HEAD_BYTES);
    return this.buffer.subarray(0, HEAD_BYTES + length);
  }
}

/** Positive: sign bit flipped; negative: all bits flipped. Then byte order is numeric order (IEEE 754). */
function encodeTime(timeMs: number, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset);
  view.setFloat64(1, timeMs);
  const flip = timeMs < 0 ? 0xffffffff : 0;
  view.setUint32(1, view.getUint32(1) ^ (flip === 0 ? 0x80000000 : flip));
  view.setUint32(5, view.getUint32(5) ^ flip);
}

function decodeTime(entry: Uint8Array): number {
  const view = new DataView(new ArrayBuffer(8));
  const source = new DataView(entry.buffer, entry.byteOffset);
  const high = source.getUint32(1);
  const flip = high >= 0x80000000 ? 0 : 0xffffffff;
  view.setUint32(0, high ^ (flip === 0 ? 0x80000000 : flip));
  view.setUint32(4, source.getUint32(5) ^ flip);
  return view.getFloat64(0);
}
