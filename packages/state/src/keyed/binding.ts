import { ByteTable } from '../bytes/byte-table.js';
import { equalsRange, hashBytes } from '../bytes/compare.js';
import { copyBytes } from '../bytes/copy.js';
import { stateErrors } from '../errors.js';
import type { StateStore } from '../store/state-store.js';
import type { BindingStats, BoundState, StateDescriptors, StatesOf } from './state-descriptor.js';

export interface BindStatesOptions {
  /** Keys whose objects stay in memory; others are written to the store and read again. Default 65,536. */
  readonly cacheKeys?: number;
  /** Map entries that one map state keeps in memory over all keys. Default 65,536. */
  readonly cacheEntries?: number;
}

/** Typed states over one store, all of the current key. */
export interface StateBinding<D extends StateDescriptors> {
  readonly states: StatesOf<D>;
  readonly stats: BindingStats;
  /** Names, kinds and stored forms, in name order: equal text means that the state can be restored. */
  readonly schema: string;
  /** Makes the bytes from `start` to `end` the current key. They are borrowed; nothing is allocated for a cached key. */
  setKey(bytes: Uint8Array, start?: number, end?: number): void;
  /** Writes every changed object to the store. Call it before `store.snapshot()`. */
  flush(): void;
  /** Forgets every cached object without writing it. Call it after `store.restore()`. */
  reset(): void;
}

/**
 * Binds declared states to a store, with a write-back cache of objects per key: reading and updating a hot key costs a
 * hash look-up, no serialisation.
 *
 * Fails with `SABOT_STATE_STATE_DECLARATION` for unusable names or options.
 *
 * @example
 * const { states, setKey, flush } = bindStates(store, { stats: valueState(runningMean) });
 */
export function bindStates<const D extends StateDescriptors>(
  store: StateStore,
  descriptors: D,
  options: BindStatesOptions = {},
): StateBinding<D> {
  const cache = new KeyCache(positive('cacheKeys', options.cacheKeys ?? 65_536));
  const cacheEntries = positive('cacheEntries', options.cacheEntries ?? 65_536);
  const states: Record<string, unknown> = {};
  for (const [name, descriptor] of Object.entries(descriptors)) {
    const bound = descriptor.bind({
      store,
      namespace: namespaceOf(name),
      stats: cache.stats,
      slot: () => cache.slot(),
      keyOf: (slot) => cache.keyOf(slot),
      cacheEntries,
    });
    cache.bound.push(bound);
    states[name] = bound.surface;
  }
  return {
    // Each surface was made by the descriptor of its name.
    states: states as StatesOf<D>,
    stats: cache.stats,
    schema: schemaOf(descriptors),
    setKey: (bytes, start = 0, end = bytes.length) => cache.setKey(bytes, start, end),
    flush: () => cache.flush(),
    reset: () => cache.reset(),
  };
}

/**
 * The keys whose objects are in memory. Eviction is second chance: a hand goes round over the slots and takes the first
 * key that was not used since it last came by.
 */
class KeyCache {
  readonly stats: BindingStats = { hits: 0, misses: 0, evictions: 0, flushed: 0 };
  readonly bound: BoundState<unknown>[] = [];
  private readonly table = new ByteTable<boolean>();
  private readonly limit: number;
  private current = -1;
  private hand = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  slot(): number {
    if (this.current >= 0) return this.current;
    throw stateErrors.error('NO_KEY', { what: 'cannot use keyed state', why: 'no key has been set' });
  }

  keyOf(slot: number): Uint8Array {
    return this.table.keyAt(slot) as Uint8Array;
  }

  setKey(bytes: Uint8Array, start: number, end: number): void {
    if (this.current >= 0 && equalsRange(this.keyOf(this.current), bytes, start, end)) {
      this.stats.hits++;
      return;
    }
    const hash = hashBytes(bytes, start, end);
    const slot = this.table.find(hash, bytes, start, end);
    if (slot >= 0) {
      this.stats.hits++;
      this.table.setAt(slot, true);
      this.current = slot;
      return;
    }
    this.stats.misses++;
    if (this.table.size >= this.limit) this.evict();
    this.current = this.table.insert(hash, copyBytes(bytes, start, end), true);
  }

  flush(): void {
    for (let slot = 0; slot < this.table.capacity; slot++) {
      if (this.table.keyAt(slot) !== undefined) this.flushSlot(slot);
    }
  }

  reset(): void {
    for (let slot = 0; slot < this.table.capacity; slot++) {
      if (this.table.keyAt(slot) !== undefined) this.forget(slot);
    }
    this.current = -1;
  }

  private evict(): void {
    for (;;) {
      this.hand = this.hand + 1 >= this.table.capacity ? 0 : this.hand + 1;
      if (this.table.keyAt(this.hand) === undefined) continue;
      if (!this.table.valueAt(this.hand)) break;
      this.table.setAt(this.hand, false);
    }
    this.stats.evictions++;
    this.flushSlot(this.hand);
    this.forget(this.hand);
  }

  private flushSlot(slot: number): void {
    for (const state of this.bound) state.flush(slot);
  }

  private forget(slot: number): void {
    for (const state of this.bound) state.forget(slot);
    this.table.remove(slot);
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/** The name and a zero byte, which no name contains: no namespace is a prefix of another. */
function namespaceOf(name: string): Uint8Array {
  if (NAME.test(name)) return Buffer.from(`${name}\0`, 'latin1');
  throw stateErrors.error('STATE_DECLARATION', {
    what: `cannot use the state name ${JSON.stringify(name)}`,
    why: 'it is not 1 to 64 letters, digits, dots, underscores and hyphens, beginning with a letter or underscore',
    remedy: 'Choose another name; it is stored with the state and must not change later.',
  });
}

function schemaOf(descriptors: StateDescriptors): string {
  const names = Object.keys(descriptors).sort();
  return names.map((name) => `${name}=${descriptors[name]?.schema}`).join(';');
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw stateErrors.error('STATE_DECLARATION', {
    what: 'cannot bind states',
    why: `${name} is ${value}, which is not a whole number above 0`,
  });
}
