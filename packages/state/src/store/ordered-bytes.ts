import { ByteTable } from '../bytes/byte-table.js';
import { compareBytes, hashBytes } from '../bytes/compare.js';
import { copyBytes } from '../bytes/copy.js';
import { type KeyChunks, OrderedIndex, seek } from './ordered-index.js';
import type { ScanRange } from './state-store.js';

/** A value, or null for a key that is marked as deleted. */
export type Cell = Uint8Array | null;

/** What `set` and `remove` say about the cell before: its length, or one of these. */
export const ABSENT = -1;
export const MARKED_DELETED = -2;

/** A scan under way: the cells that were overwritten or removed since it began, by key identity. */
interface ScanView {
  readonly before: Map<Uint8Array, Cell>;
}

/**
 * An ordered map from byte strings to cells: point operations by hash, scans in key order over the state as of their
 * beginning.
 *
 * Algorithm: a hash table for points and an index brought up to date by scans. A scan keeps the key chunks it began
 * with; whoever changes a cell while scans are under way leaves the old cell with them.
 * State: the entries; per scan under way, the cells changed since it began (a forgotten scan is collected with its
 * iterator).
 * Cost: O(key length) per point operation; a value of unchanged length is overwritten in place when nobody else holds it.
 */
export class OrderedBytes {
  private readonly table = new ByteTable<Cell>();
  private readonly index = new OrderedIndex();
  /** By entry: the generation in which its value was allocated. Older values may be held by a snapshot or a scan. */
  private writtenIn = new Float64Array(16);
  private generation = 0;
  private views: WeakRef<ScanView>[] = [];

  get size(): number {
    return this.table.size;
  }

  /** The cell, or undefined when the key is absent. */
  get(hash: number, key: Uint8Array): Cell | undefined {
    const entry = this.table.find(hash, key, 0, key.length);
    return entry < 0 ? undefined : this.table.valueAt(entry);
  }

  /** Writes a copy of the value; returns the length of the value before, `ABSENT` or `MARKED_DELETED`. */
  set(hash: number, key: Uint8Array, value: Cell): number {
    const entry = this.table.find(hash, key, 0, key.length);
    if (entry < 0) {
      const kept = copyBytes(key);
      this.noteWritten(this.table.insert(hash, kept, copyOf(value)));
      this.index.noteAdded(kept, this.table.size);
      return ABSENT;
    }
    const before = this.table.valueAt(entry);
    if (before !== null && value !== null && this.mayOverwrite(entry, before, value)) {
      before.set(value);
      return before.length;
    }
    this.remember(entry, before);
    this.table.setAt(entry, copyOf(value));
    this.noteWritten(entry);
    return before === null ? MARKED_DELETED : before.length;
  }

  /** Removes the cell; returns what `set` returns. */
  remove(hash: number, key: Uint8Array): number {
    const entry = this.table.find(hash, key, 0, key.length);
    if (entry < 0) return ABSENT;
    const before = this.table.valueAt(entry);
    const kept = this.table.keyAt(entry) as Uint8Array;
    this.remember(entry, before);
    this.table.remove(entry);
    this.index.noteRemoved(kept, this.table.size);
    return before === null ? MARKED_DELETED : before.length;
  }

  /** From here on, values handed out before are not overwritten in place: a snapshot may keep them. */
  freezeValues(): void {
    this.generation++;
  }

  /** All cells, in no order. The arrays belong to the map; after `freezeValues` their bytes do not change. */
  cells(): [key: Uint8Array, cell: Cell][] {
    const all: [Uint8Array, Cell][] = [];
    for (let entry = 0; entry < this.table.capacity; entry++) {
      const key = this.table.keyAt(entry);
      if (key !== undefined) all.push([key, this.table.valueAt(entry)]);
    }
    return all;
  }

  /** The cells of the range as of now, in key order, whatever is written meanwhile. */
  scan(range: ScanRange = {}): IterableIterator<readonly [key: Uint8Array, cell: Cell]> {
    const chunks = this.index.ordered(() => this.cells().map(([key]) => key));
    const view: ScanView = { before: new Map() };
    this.views.push(new WeakRef(view));
    this.generation++;
    return this.iterate(chunks, range, view);
  }

  private *iterate(chunks: KeyChunks, range: ScanRange, view: ScanView): IterableIterator<readonly [Uint8Array, Cell]> {
    try {
      let [number, offset] = range.from === undefined ? [0, 0] : seek(chunks, range.from);
      for (; number < chunks.length; number++, offset = 0) {
        const chunk = chunks[number] as readonly Uint8Array[];
        for (; offset < chunk.length; offset++) {
          const key = chunk[offset] as Uint8Array;
          if (range.to !== undefined && compareBytes(key, range.to) >= 0) return;
          yield [key, this.cellIn(view, key)];
        }
      }
    } finally {
      this.views = this.views.filter((other) => other.deref() !== view && other.deref() !== undefined);
    }
  }

  private cellIn(view: ScanView, key: Uint8Array): Cell {
    const before = view.before.get(key);
    if (before !== undefined) return before;
    const cell = this.get(hashBytes(key), key);
    return cell === undefined ? null : cell;
  }

  private remember(entry: number, before: Cell): void {
    if (this.views.length === 0) return;
    const key = this.table.keyAt(entry) as Uint8Array;
    for (const weak of this.views) {
      const view = weak.deref();
      if (view !== undefined && !view.before.has(key)) view.before.set(key, before);
    }
  }

  private mayOverwrite(entry: number, before: Uint8Array, value: Uint8Array): boolean {
    return before.length === value.length && this.writtenIn[entry] === this.generation;
  }

  private noteWritten(entry: number): void {
    if (entry >= this.writtenIn.length) {
      const larger = new Float64Array(Math.max(entry + 1, this.writtenIn.length * 2));
      larger.set(this.writtenIn);
      this.writtenIn = larger;
    }
    this.writtenIn[entry] = this.generation;
  }
}

function copyOf(value: Cell): Cell {
  return value === null ? null : copyBytes(value);
}
