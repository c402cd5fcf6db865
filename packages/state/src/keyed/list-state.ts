import { ByteWriter } from '../bytes/byte-writer.js';
import { type Codec, wrongBytes } from '../codec/codec.js';
import type { BoundState, StateDescriptor, StateHost } from './state-descriptor.js';
import { rangeOf, StorageKey } from './storage-key.js';

/** A list per key. Adding does not read or rewrite what is there. */
export interface ListState<T> {
  /** The items in the order in which they were added; not to be changed. */
  get(): readonly T[];
  add(value: T): void;
  addAll(values: Iterable<T>): void;
  clear(): void;
}

/** A list per key. */
export function listState<T>(codec: Codec<T>): StateDescriptor<ListState<T>> {
  return {
    kind: 'list',
    schema: `list<${codec.schema}>`,
    bind(host) {
      const lists = new CachedLists(host, codec);
      return {
        surface: lists,
        flush: (slot) => lists.flush(slot),
        forget: (slot) => lists.forget(slot),
      } satisfies BoundState<ListState<T>>;
    },
  };
}

/** A list that is read is rewritten as one chunk when it has more than this. */
const MAX_CHUNKS = 32;

interface CachedList<T> {
  /** All items, once somebody has read them. */
  items: T[] | undefined;
  /** Added since the last flush. */
  added: T[];
  /** Number of the next chunk; −1: not known yet. */
  nextChunk: number;
}

/**
 * Lists as chunks: each flush appends one entry (escaped key, chunk number) with the items added since the last one, so
 * that a long list is not rewritten for each new item. The entry without a number holds the number of the next chunk.
 *
 * State: per cached key the items added since the last flush, and all items once they have been read.
 */
class CachedLists<T> implements ListState<T> {
  private readonly host: StateHost;
  private readonly codec: Codec<T>;
  private readonly storageKey: StorageKey;
  private readonly chunk = new ByteWriter(256);
  private readonly item = new ByteWriter(64);
  private readonly number = new Uint8Array(4);
  private readonly lists: (CachedList<T> | undefined)[] = [];

  constructor(host: StateHost, codec: Codec<T>) {
    this.host = host;
    this.codec = codec;
    this.storageKey = new StorageKey(host.namespace);
  }

  get(): readonly T[] {
    const slot = this.host.slot();
    const list = this.listOf(slot);
    list.items ??= [...this.load(slot, list), ...list.added];
    return list.items;
  }

  add(value: T): void {
    const list = this.listOf(this.host.slot());
    list.added.push(value);
    list.items?.push(value);
  }

  addAll(values: Iterable<T>): void {
    for (const value of values) this.add(value);
  }

  clear(): void {
    const slot = this.host.slot();
    this.erase(slot);
    this.lists[slot] = { items: [], added: [], nextChunk: 0 };
  }

  flush(slot: number): void {
    const list = this.lists[slot];
    if (list === undefined || list.added.length === 0) return;
    if (list.nextChunk < 0) list.nextChunk = this.loadNextChunk(slot);
    if (list.items !== undefined && list.nextChunk >= MAX_CHUNKS) {
      this.erase(slot);
      list.nextChunk = 0;
      this.append(slot, list, list.items);
    } else this.append(slot, list, list.added);
    list.added = [];
    this.host.stats.flushed++;
  }

  forget(slot: number): void {
    this.lists[slot] = undefined;
  }

  private listOf(slot: number): CachedList<T> {
    const known = this.lists[slot];
    if (known !== undefined) return known;
    const list: CachedList<T> = { items: undefined, added: [], nextChunk: -1 };
    this.lists[slot] = list;
    return list;
  }

  private append(slot: number, list: CachedList<T>, items: readonly T[]): void {
    this.chunk.reset();
    for (const item of items) {
      this.codec.encode(item, this.item.reset());
      this.chunk.varint(this.item.length);
      this.chunk.bytes(this.item.buffer, 0, this.item.length);
    }
    const { store } = this.host;
    const key = this.host.keyOf(slot);
    this.setNumber(list.nextChunk++);
    store.put(this.storageKey.entry(key, this.number), this.chunk.buffer.subarray(0, this.chunk.length));
    this.setNumber(list.nextChunk);
    store.put(this.storageKey.entry(key, this.number, 0), this.number);
  }

  private load(slot: number, list: CachedList<T>): T[] {
    const items: T[] = [];
    const prefix = this.storageKey.prefixOf(this.host.keyOf(slot));
    list.nextChunk = Math.max(0, list.nextChunk);
    for (const [key, value] of this.host.store.scan(rangeOf(prefix))) {
      if (key.length === prefix.length) list.nextChunk = numberOf(value);
      else this.decodeChunk(value, items);
    }
    return items;
  }

  private loadNextChunk(slot: number): number {
    const value = this.host.store.get(this.storageKey.entry(this.host.keyOf(slot), this.number, 0));
    return value === undefined ? 0 : numberOf(value);
  }

  private decodeChunk(bytes: Uint8Array, into: T[]): void {
    for (let at = 0; at < bytes.length; ) {
      let length = 0;
      let scale = 1;
      for (let more = true; more; scale *= 0x80) {
        const byte = bytes[at++];
        if (byte === undefined) throw wrongBytes(`list<${this.codec.schema}>`, 'an item is cut off');
        length += (byte & 0x7f) * scale;
        more = byte >= 0x80;
      }
      if (at + length > bytes.length) throw wrongBytes(`list<${this.codec.schema}>`, 'an item is cut off');
      into.push(this.codec.decode(bytes.subarray(at, at + length)));
      at += length;
    }
  }

  private erase(slot: number): void {
    const { store } = this.host;
    const prefix = this.storageKey.prefixOf(this.host.keyOf(slot));
    for (const [key] of store.scan(rangeOf(prefix))) store.delete(key);
  }

  private setNumber(value: number): void {
    new DataView(this.number.buffer).setUint32(0, value);
  }
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}
