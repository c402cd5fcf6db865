import type { StateStore } from '../store/state-store.js';

/** Plain-integer facts of a binding. */
export interface BindingStats {
  /** Keys that were in the cache when set, and that were not. */
  hits: number;
  misses: number;
  /** Keys that left the cache for others. */
  evictions: number;
  /** Values written to the store, by eviction or flush. */
  flushed: number;
}

/** What a state is given when it is bound. */
export interface StateHost {
  readonly store: StateStore;
  /** Begins every key of this state. */
  readonly namespace: Uint8Array;
  readonly stats: BindingStats;
  /** The cache slot of the current key; fails with `SABOT_STATE_NO_KEY` before the first `setKey`. */
  slot(): number;
  /** The key that holds a slot. */
  keyOf(slot: number): Uint8Array;
  /** How many map entries one state may cache over all keys. */
  readonly cacheEntries: number;
}

/** A bound state as its binding sees it. */
export interface BoundState<S> {
  /** What users call. */
  readonly surface: S;
  /** Writes what changed for this slot's key to the store. */
  flush(slot: number): void;
  /** Forgets the slot: its key has left the cache (it was flushed before) or the store was restored. */
  forget(slot: number): void;
}

/** The declaration of one keyed state: its kind, its stored form, and how it is bound to a store. */
export interface StateDescriptor<S> {
  readonly kind: 'value' | 'map' | 'list' | 'reducing' | 'aggregating';
  /** Names the stored form; a state can be restored by a descriptor of the same schema. */
  readonly schema: string;
  bind(host: StateHost): BoundState<S>;
}

/** State names to their declarations. */
export type StateDescriptors = Readonly<Record<string, StateDescriptor<unknown>>>;

/** The states that a record of declarations gives. */
export type StatesOf<D extends StateDescriptors> = {
  readonly [N in keyof D]: D[N] extends StateDescriptor<infer S> ? S : never;
};
