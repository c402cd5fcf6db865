/** The rows of one side of an interval join that may still find partners, kept as the batches they came in. */
import { type Batch, batchBytes, emptyBatch, type Schema } from '@sabot/columnar';
import { concatBatches, takeBatch } from '@sabot/columnar/kernels';

const MATCHED = 1;
const DEAD = 2;
const NONE = -1;

/** Entries are numbered by arrival; those of a key form a chain in that order. */
export class JoinSide {
  readonly schema: Schema;
  /** Entries that have not expired. */
  live = 0;
  private size = 0;
  private times = new Float64Array(64);
  private groups = new Int32Array(64);
  private nexts = new Int32Array(64);
  private segments = new Int32Array(64);
  private rows = new Int32Array(64);
  private flags = new Uint8Array(64);
  private heads = new Int32Array(64).fill(NONE);
  private tails = new Int32Array(64).fill(NONE);
  private batches: Batch[] = [];
  private batchBytes = 0;
  private earliestMs = Number.POSITIVE_INFINITY;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  get bytes(): number {
    return this.batchBytes + this.size * 25;
  }

  timeOf(entry: number): number {
    return this.times[entry]!;
  }

  groupOf(entry: number): number {
    return this.groups[entry]!;
  }

  isMatched(entry: number): boolean {
    return (this.flags[entry]! & MATCHED) !== 0;
  }

  markMatched(entry: number): void {
    this.flags[entry]! |= MATCHED;
  }

  /** The first entry of a key's chain that has not expired, or −1. */
  first(group: number): number {
    return group < this.heads.length ? this.skipDead(this.heads[group]!) : NONE;
  }

  next(entry: number): number {
    return this.skipDead(this.nexts[entry]!);
  }

  /** Makes a batch the one that `add` takes rows of. */
  open(batch: Batch): void {
    this.batches.push(batch);
    this.batchBytes += batchBytes(batch);
  }

  add(row: number, timeMs: number, group: number, matched: boolean): void {
    this.reserve(group);
    const entry = this.size++;
    this.live++;
    this.times[entry] = timeMs;
    this.groups[entry] = group;
    this.nexts[entry] = NONE;
    this.segments[entry] = this.batches.length - 1;
    this.rows[entry] = row;
    this.flags[entry] = matched ? MATCHED : 0;
    if (timeMs < this.earliestMs) this.earliestMs = timeMs;
    const tail = this.tails[group]!;
    if (tail === NONE) this.heads[group] = entry;
    else this.nexts[tail] = entry;
    this.tails[group] = entry;
  }

  /** Takes out every entry with a time up to `lastMs`, and gives those without a partner. */
  expire(lastMs: number): number[] {
    const alone: number[] = [];
    if (lastMs < this.earliestMs) return alone;
    this.earliestMs = Number.POSITIVE_INFINITY;
    for (let entry = 0; entry < this.size; entry++) {
      if ((this.flags[entry]! & DEAD) !== 0) continue;
      if (this.times[entry]! > lastMs) {
        this.earliestMs = Math.min(this.earliestMs, this.times[entry]!);
        continue;
      }
      if (!this.isMatched(entry)) alone.push(entry);
      this.flags[entry]! |= DEAD;
      this.live--;
    }
    return alone;
  }

  /** The rows of these entries, in this order: taken batch by batch, then put in place. */
  gather(entries: ArrayLike<number>): Batch {
    const ends = new Int32Array(this.batches.length + 1);
    for (let i = 0; i < entries.length; i++) ends[this.segments[entries[i]!]! + 1]!++;
    for (let segment = 0; segment < this.batches.length; segment++) ends[segment + 1]! += ends[segment]!;
    const starts = ends.slice();
    const rows = new Int32Array(entries.length);
    const places = new Int32Array(entries.length);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      const place = starts[this.segments[entry]!]!++;
      rows[place] = this.rows[entry]!;
      places[i] = place;
    }
    const parts: Batch[] = [];
    for (let segment = 0; segment < this.batches.length; segment++) {
      const [from, to] = [ends[segment]!, ends[segment + 1]!];
      if (to > from) parts.push(takeBatch(this.batches[segment]!, rows.subarray(from, to)));
    }
    // One batch: everything is in place already.
    return parts.length === 1 ? parts[0]! : takeBatch(concatBatches(this.schema, parts), places);
  }

  /** Whether most of what is held has expired. */
  get wasteful(): boolean {
    return this.size - this.live > this.live;
  }

  /** The live rows as one batch with their partners' flags, in order of arrival. */
  liveRows(): { readonly batch: Batch; readonly matched: readonly boolean[] } {
    const entries: number[] = [];
    for (let entry = 0; entry < this.size; entry++) if ((this.flags[entry]! & DEAD) === 0) entries.push(entry);
    const batch = entries.length === 0 ? emptyBatch(this.schema) : this.gather(entries);
    return { batch, matched: entries.map((entry) => this.isMatched(entry)) };
  }

  clear(): void {
    this.batches = [];
    this.batchBytes = 0;
    this.size = 0;
    this.live = 0;
    this.earliestMs = Number.POSITIVE_INFINITY;
    this.heads.fill(NONE);
    this.tails.fill(NONE);
  }

  private skipDead(from: number): number {
    let entry = from;
    while (entry !== NONE && (this.flags[entry]! & DEAD) !== 0) entry = this.nexts[entry]!;
    return entry;
  }

  private reserve(group: number): void {
    if (this.size === this.times.length) {
      const room = this.size * 2;
      this.times = grown(this.times, new Float64Array(room));
      this.groups = grown(this.groups, new Int32Array(room));
      this.nexts = grown(this.nexts, new Int32Array(room));
      this.segments = grown(this.segments, new Int32Array(room));
      this.rows = grown(this.rows, new Int32Array(room));
      this.flags = grown(this.flags, new Uint8Array(room));
    }
    if (group < this.heads.length) return;
    const room = Math.max(group + 1, this.heads.length * 2);
    this.heads = grown(this.heads, new Int32Array(room).fill(NONE));
    this.tails = grown(this.tails, new Int32Array(room).fill(NONE));
  }
}

function grown<A extends { readonly length: number; set(from: A): void }>(from: A, into: A): A {
  into.set(from);
  return into;
}
