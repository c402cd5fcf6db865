import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { StateSnapshot } from './state-snapshot.js';

/** Plain-integer facts a store keeps about itself; decorators publish them. */
export interface StateStoreStats {
  gets: number;
  puts: number;
  deletes: number;
  scans: number;
  /** Entries and bytes (keys + values) held now. */
  entries: number;
  bytes: number;
}

export interface ScanRange {
  /** First key, inclusive; default the first of all. */
  readonly from?: Uint8Array;
  /** End key, exclusive; default past the last. */
  readonly to?: Uint8Array;
}

/** An ordered byte map (keys compare as unsigned bytes) with snapshots. Synchronous where a batch is processed. */
export interface StateStore {
  readonly stats: StateStoreStats;
  /** The value, or undefined. The bytes belong to the store: copy what outlives the next call. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Stores copies of key and value. */
  put(key: Uint8Array, value: Uint8Array): void;
  /** Whether the key was there. */
  delete(key: Uint8Array): boolean;
  /** Entries in key order. Writing while iterating is allowed and not seen by the iteration. */
  scan(range?: ScanRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /** Freezes the state as of now under an epoch; the store goes on at once. `trace`: the checkpoint's, for decorators. */
  snapshot(epoch: number, trace?: TraceContext): StateSnapshot;
  /** Replaces the whole content by a chain: one full snapshot, then its deltas in order. */
  restore(chain: readonly StateSnapshotBytes[]): Promise<void>;
}

export interface StateSnapshotBytes {
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

/** A store as its owner holds it: it is also closed. */
export interface OpenStateStore extends StateStore, AsyncDisposable {
  /** What keeps the state: `memory`, `lmdb`. A label; default `other`. */
  readonly backend?: string;
}
