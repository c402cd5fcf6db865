import { ByteWriter } from '../bytes/byte-writer.js';
import type { Codec } from '../codec/codec.js';
import type { BoundState, StateDescriptor, StateHost } from './state-descriptor.js';
import { StorageKey } from './storage-key.js';

/** One value per key. `Absent` is what `get` gives for a key without a value: `never` when the state has an initial one. */
export interface ValueState<T, Absent = undefined> {
  get(): T | Absent;
  set(value: T): void;
  /** Stores what `change` returns; it may change the given object in place and return it. */
  update(change: (value: T | Absent) => T): void;
  clear(): void;
}

/** One value per key. */
export function valueState<T>(codec: Codec<T>): StateDescriptor<ValueState<T>>;
/** One value per key that starts as `initial()`. */
export function valueState<T>(
  codec: Codec<T>,
  options: { readonly initial: () => T },
): StateDescriptor<ValueState<T, never>>;
export function valueState<T>(
  codec: Codec<T>,
  options?: { readonly initial: () => T },
): StateDescriptor<ValueState<T, T | undefined>> {
  const initial = options?.initial;
  return {
    kind: 'value',
    schema: `value<${codec.schema}>`,
    bind(host) {
      const cells = new CachedValues(host, codec);
      const get = initial === undefined ? () => cells.get() : () => cells.get() ?? initial();
      return {
        surface: {
          get,
          set: (value) => cells.set(value),
          update: (change) => cells.set(change(get())),
          clear: () => cells.set(undefined),
        },
        flush: (slot) => cells.flush(slot),
        forget: (slot) => cells.forget(slot),
      } satisfies BoundState<ValueState<T, T | undefined>>;
    },
  };
}

const UNKNOWN = 0;
const CLEAN = 1;
const DIRTY = 2;

/** One object per cached key, read once and written when its key leaves the cache or at a snapshot. */
export class CachedValues<T> {
  private readonly host: StateHost;
  private readonly codec: Codec<T>;
  private readonly storageKey: StorageKey;
  private readonly writer = new ByteWriter(64);
  private readonly values: (T | undefined)[] = [];
  private readonly phases: number[] = [];

  constructor(host: StateHost, codec: Codec<T>) {
    this.host = host;
    this.codec = codec;
    this.storageKey = new StorageKey(host.namespace);
  }

  get(): T | undefined {
    const slot = this.host.slot();
    if ((this.phases[slot] ?? UNKNOWN) === UNKNOWN) this.load(slot);
    return this.values[slot];
  }

  /** Undefined: no value. */
  set(value: T | undefined): void {
    const slot = this.host.slot();
    this.values[slot] = value;
    this.phases[slot] = DIRTY;
  }

  flush(slot: number): void {
    if (this.phases[slot] !== DIRTY) return;
    const key = this.storageKey.single(this.host.keyOf(slot));
    const value = this.values[slot];
    if (value === undefined) this.host.store.delete(key);
    else {
      this.codec.encode(value, this.writer.reset());
      this.host.store.put(key, this.writer.buffer.subarray(0, this.writer.length));
    }
    this.phases[slot] = CLEAN;
    this.host.stats.flushed++;
  }

  forget(slot: number): void {
    this.phases[slot] = UNKNOWN;
    this.values[slot] = undefined;
  }

  private load(slot: number): void {
    const bytes = this.host.store.get(this.storageKey.single(this.host.keyOf(slot)));
    this.values[slot] = bytes === undefined ? undefined : this.codec.decode(bytes);
    this.phases[slot] = CLEAN;
  }
}
