import type { Database } from 'lmdb';
import type { Cell } from '../store/ordered-bytes.js';
import type { ScanRange } from '../store/state-store.js';
import { plainBytes } from './plain-bytes.js';

type Entry = readonly [key: Uint8Array, cell: Cell];

const FIRST_CHUNK = 32;
const LARGEST_CHUNK = 2048;

/**
 * Entries of a range in key order, read in chunks that grow.
 *
 * No cursor lives between two calls: an abandoned one would hold its read transaction, and with it an old state and one
 * of LMDB's few reader slots, for as long as the process lives.
 */
export class RangeScan implements IterableIterator<Entry> {
  private readonly underWay: Set<WeakRef<RangeScan>>;
  private readonly self = new WeakRef(this);
  private readonly entries: Database<Buffer, Buffer>;
  private readonly end: Buffer | undefined;
  /** Where the next chunk begins: at `from`, and behind the last key read. */
  private start: Buffer | undefined;
  private behind = false;
  private chunk: Entry[] = [];
  private at = 0;
  private size = FIRST_CHUNK;
  private complete = false;

  /** `underWay` holds the scan until it has nothing more to read. */
  constructor(entries: Database<Buffer, Buffer>, range: ScanRange, underWay: Set<WeakRef<RangeScan>>) {
    this.underWay = underWay;
    underWay.add(this.self);
    this.entries = entries;
    this.start = range.from && Buffer.from(range.from);
    this.end = range.to && Buffer.from(range.to);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Entry, undefined> {
    if (this.at === this.chunk.length) this.read(this.size);
    const value = this.chunk[this.at];
    if (value === undefined) return { done: true, value: undefined };
    this.at++;
    return { done: false, value };
  }

  return(): IteratorResult<Entry, undefined> {
    this.finish();
    this.chunk = [];
    this.at = 0;
    return { done: true, value: undefined };
  }

  /** Reads everything that is left, before the store changes. */
  readRest(): void {
    const waiting = this.chunk.slice(this.at);
    this.read(Number.POSITIVE_INFINITY);
    this.chunk = [...waiting, ...this.chunk];
  }

  private read(limit: number): void {
    this.chunk = [];
    this.at = 0;
    if (this.complete) return;
    this.size = Math.min(this.size * 2, LARGEST_CHUNK);
    const { start, end } = this;
    const range = this.entries.getRange({
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(this.behind ? { exclusiveStart: true } : {}),
      ...(Number.isFinite(limit) ? { limit } : {}),
    });
    for (const { key, value } of range) this.chunk.push([plainBytes(key), plainBytes(value)]);
    if (this.chunk.length < limit) this.finish();
    const last = this.chunk.at(-1);
    if (last === undefined) return;
    this.start = Buffer.from(last[0]);
    this.behind = true;
  }

  private finish(): void {
    this.complete = true;
    this.underWay.delete(this.self);
  }
}
