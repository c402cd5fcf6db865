import { compareBytes } from '../bytes/compare.js';
import { sortedByKey } from '../bytes/sort-by-key.js';

const CHUNK_KEYS = 256;

export type KeyChunks = readonly (readonly Uint8Array[])[];

/**
 * The keys of a hash table in order, brought up to date only when somebody scans.
 *
 * Algorithm: sorted chunks of at most 512 keys (the leaves of a B+tree, found by binary search). Keys added or removed
 * since the last scan wait in two lists; a scan merges them in, or sorts everything again when they are many. Chunks are
 * never changed in place, so a scan under way keeps the ones it began with. Keys are told apart by identity: a key that
 * is removed and added again is a new array.
 * State: nothing before the first scan; then one reference per key. Waiting lists are dropped, and the index with them,
 * when they outgrow half of the keys.
 * Cost: a scan after m changes to n keys costs m·(log n + 512) or n·log n, whichever is less.
 */
export class OrderedIndex {
  private chunks: KeyChunks | undefined;
  private added: Uint8Array[] = [];
  private removed: Uint8Array[] = [];

  noteAdded(key: Uint8Array, size: number): void {
    if (this.chunks === undefined) return;
    this.added.push(key);
    this.forgetWhenOutgrown(size);
  }

  noteRemoved(key: Uint8Array, size: number): void {
    if (this.chunks === undefined) return;
    this.removed.push(key);
    this.forgetWhenOutgrown(size);
  }

  /** The chunks in order; `allKeys` gives every key, when sorting anew is cheaper. */
  ordered(allKeys: () => Uint8Array[]): KeyChunks {
    if (this.chunks === undefined) this.chunks = chunksOf(sortedByKey(allKeys(), (key) => key));
    else if (this.added.length > 0 || this.removed.length > 0) this.chunks = this.merged(this.chunks);
    this.added = [];
    this.removed = [];
    return this.chunks;
  }

  private merged(before: KeyChunks): KeyChunks {
    const gone = new Set(this.removed);
    const fresh = this.added.filter((key) => !gone.delete(key));
    const edit = new ChunkEdit(before);
    for (const key of gone) edit.remove(key);
    for (const key of fresh) edit.insert(key);
    return edit.chunks;
  }

  private forgetWhenOutgrown(size: number): void {
    if (this.added.length + this.removed.length <= size / 2 + 1024) return;
    this.chunks = undefined;
    this.added = [];
    this.removed = [];
  }
}

/** Position of the first key ≥ `key`: chunk number and offset inside it. */
export function seek(chunks: KeyChunks, key: Uint8Array): readonly [chunk: number, offset: number] {
  const chunk = chunkOf(chunks, key);
  return [chunk, lowerBound(chunks[chunk] ?? [], key)];
}

/** Copies each chunk that it changes once. */
class ChunkEdit {
  readonly chunks: Uint8Array[][];
  private readonly own = new Set<Uint8Array[]>();

  constructor(before: KeyChunks) {
    // Chunks are copied before they are written: see `writable`.
    this.chunks = before.slice() as Uint8Array[][];
  }

  remove(key: Uint8Array): void {
    const number = chunkOf(this.chunks, key);
    const chunk = this.writable(number);
    chunk.splice(lowerBound(chunk, key), 1);
    if (chunk.length === 0) this.chunks.splice(number, 1);
  }

  insert(key: Uint8Array): void {
    if (this.chunks.length === 0) this.chunks.push([]);
    const number = chunkOf(this.chunks, key);
    const chunk = this.writable(number);
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length <= CHUNK_KEYS * 2) return;
    const right = chunk.splice(CHUNK_KEYS);
    this.own.add(right);
    this.chunks.splice(number + 1, 0, right);
  }

  private writable(number: number): Uint8Array[] {
    const chunk = this.chunks[number] as Uint8Array[];
    if (this.own.has(chunk)) return chunk;
    const copy = chunk.slice();
    this.own.add(copy);
    this.chunks[number] = copy;
    return copy;
  }
}

function chunksOf(keys: Uint8Array[]): KeyChunks {
  const chunks: Uint8Array[][] = [];
  for (let from = 0; from < keys.length; from += CHUNK_KEYS) chunks.push(keys.slice(from, from + CHUNK_KEYS));
  return chunks;
}

/** The last chunk whose first key is ≤ `key`; the first chunk when none is. */
function chunkOf(chunks: KeyChunks, key: Uint8Array): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const first = chunks[middle]?.[0] as Uint8Array;
    if (compareBytes(first, key) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lowerBound(keys: readonly Uint8Array[], key: Uint8Array): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(keys[middle] as Uint8Array, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
