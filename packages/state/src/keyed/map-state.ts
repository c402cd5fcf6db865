import { ByteWriter } from '../bytes/byte-writer.js';
import type { Codec } from '../codec/codec.js';
import { createKeyWriter, decodePart, type KeyWriter } from '../key/key-encoding.js';
import type { BoundState, StateDescriptor, StateHost } from './state-descriptor.js';
import { rangeOf, StorageKey } from './storage-key.js';

interface MapKeyTypes {
  readonly utf8: string;
  readonly int64: bigint;
  readonly float64: number;
  readonly timestamp: number;
  readonly bool: boolean;
}

/** The types that the keys inside a map state may have. */
export type MapKeyType = keyof MapKeyTypes;

/** A map per key, one store entry per map entry: reading one does not read the others. */
export interface MapState<K, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): void;
  /** Whether the key was there. */
  delete(key: K): boolean;
  /** The entries in key order as of this call. */
  entries(): Iterable<readonly [key: K, value: V]>;
  clear(): void;
}

/** A map per key. */
export function mapState<const T extends MapKeyType, V>(
  keyType: T,
  codec: Codec<V>,
): StateDescriptor<MapState<MapKeyTypes[T], V>> {
  return {
    kind: 'map',
    schema: `map<${keyType},${codec.schema}>`,
    bind(host) {
      const cells = new CachedMaps<MapKeyTypes[T], V>(host, keyWriters[keyType] as WriteKey<MapKeyTypes[T]>, codec);
      return {
        surface: cells,
        flush: (slot) => cells.flush(slot),
        forget: (slot) => cells.forget(slot),
      } satisfies BoundState<MapState<MapKeyTypes[T], V>>;
    },
  };
}

type WriteKey<K> = (writer: KeyWriter, key: K) => void;

const keyWriters: { readonly [T in MapKeyType]: WriteKey<MapKeyTypes[T]> } = {
  utf8: (writer, key) => writer.utf8(key),
  int64: (writer, key) => writer.int64(key),
  float64: (writer, key) => writer.float64(key),
  timestamp: (writer, key) => writer.timestamp(key),
  bool: (writer, key) => writer.bool(key),
};

interface CachedEntry<V> {
  value: V | undefined;
  dirty: boolean;
}

/**
 * The entries that were touched, per cached key, as a write-back cache.
 *
 * State: at most `cacheEntries` entries over all keys; when more are touched, all are written and forgotten.
 */
class CachedMaps<K, V> implements MapState<K, V> {
  private readonly host: StateHost;
  private readonly writeKey: WriteKey<K>;
  private readonly codec: Codec<V>;
  private readonly storageKey: StorageKey;
  private readonly keys = createKeyWriter();
  private readonly writer = new ByteWriter(64);
  private readonly maps: (Map<K, CachedEntry<V>> | undefined)[] = [];
  private cached = 0;

  constructor(host: StateHost, writeKey: WriteKey<K>, codec: Codec<V>) {
    this.host = host;
    this.writeKey = writeKey;
    this.codec = codec;
    this.storageKey = new StorageKey(host.namespace);
  }

  get(key: K): V | undefined {
    return this.entryOf(this.host.slot(), key).value;
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  set(key: K, value: V): void {
    this.write(this.host.slot(), key, value);
  }

  delete(key: K): boolean {
    const slot = this.host.slot();
    if (this.entryOf(slot, key).value === undefined) return false;
    this.write(slot, key, undefined);
    return true;
  }

  entries(): Iterable<readonly [key: K, value: V]> {
    const slot = this.host.slot();
    this.flush(slot);
    const prefix = this.storageKey.prefixOf(this.host.keyOf(slot));
    return this.decoded(this.host.store.scan(rangeOf(prefix)), prefix.length);
  }

  clear(): void {
    const slot = this.host.slot();
    this.forget(slot);
    const { store } = this.host;
    const prefix = this.storageKey.prefixOf(this.host.keyOf(slot));
    for (const [key] of store.scan(rangeOf(prefix))) store.delete(key);
  }

  flush(slot: number): void {
    const map = this.maps[slot];
    if (map === undefined) return;
    for (const [key, entry] of map) if (entry.dirty) this.store(slot, key, entry);
  }

  forget(slot: number): void {
    this.cached -= this.maps[slot]?.size ?? 0;
    this.maps[slot] = undefined;
  }

  private *decoded(
    entries: Iterable<readonly [Uint8Array, Uint8Array]>,
    prefixLength: number,
  ): Iterable<readonly [key: K, value: V]> {
    for (const [key, value] of entries) {
      // The bytes behind the prefix were written by this state's key writer.
      yield [decodePart(key, prefixLength)[0].value as K, this.codec.decode(value)];
    }
  }

  private entryOf(slot: number, key: K): CachedEntry<V> {
    const known = this.maps[slot]?.get(key);
    if (known !== undefined) return known;
    const bytes = this.host.store.get(this.composed(slot, key));
    const entry = { value: bytes === undefined ? undefined : this.codec.decode(bytes), dirty: false };
    this.remember(slot, key, entry);
    return entry;
  }

  private write(slot: number, key: K, value: V | undefined): void {
    const known = this.maps[slot]?.get(key);
    if (known === undefined) {
      this.remember(slot, key, { value, dirty: true });
      return;
    }
    known.value = value;
    known.dirty = true;
  }

  private remember(slot: number, key: K, entry: CachedEntry<V>): void {
    if (this.cached >= this.host.cacheEntries) this.flushAll();
    let map = this.maps[slot];
    if (map === undefined) {
      map = new Map();
      this.maps[slot] = map;
    }
    map.set(key, entry);
    this.cached++;
  }

  private flushAll(): void {
    for (let slot = 0; slot < this.maps.length; slot++) {
      if (this.maps[slot] === undefined) continue;
      this.flush(slot);
      this.forget(slot);
    }
  }

  private store(slot: number, key: K, entry: CachedEntry<V>): void {
    const stored = this.composed(slot, key);
    if (entry.value === undefined) this.host.store.delete(stored);
    else {
      this.codec.encode(entry.value, this.writer.reset());
      this.host.store.put(stored, this.writer.buffer.subarray(0, this.writer.length));
    }
    entry.dirty = false;
    this.host.stats.flushed++;
  }

  private composed(slot: number, key: K): Uint8Array {
    this.writeKey(this.keys.reset(), key);
    return this.storageKey.entry(this.host.keyOf(slot), this.keys.buffer, this.keys.length);
  }
}
