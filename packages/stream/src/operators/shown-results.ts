import { type Batch, type Column, emptyBatch, type Schema } from '@sabot/columnar';
import { decodeBatch, encodeBatch } from '@sabot/columnar/ipc';
import { concatBatches, createGroupTable, type GroupTable, takeBatch } from '@sabot/columnar/kernels';
import { changelogBatch, DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, withChanges } from '../changelog/change-kind.js';
import { readTimesMs } from '../time/event-time.js';

const NONE = -1;
/** Images that have been replaced are kept until there are more of them than of those that count, and so many. */
const MIN_GARBAGE = 1024;

/**
 * The results that have been given out and may still change: turns results into changes of them.
 *
 * State: the last result per window and key, until the window is gone. Cost per firing: one group-by over the results.
 */
export class ShownResults {
  readonly schema: Schema;
  private readonly rows: Schema;
  private readonly identity: readonly string[];
  private readonly table: GroupTable;
  /** Results as given out; which of them still count, says `imageOf`. */
  private images: Batch;
  /** By group of the table: its row in `images`, or −1. */
  private imageOf = new Int32Array(0);
  private shown = 0;

  /** `identity`: the columns that tell results apart. */
  constructor(rows: Schema, identity: readonly string[]) {
    this.rows = rows;
    this.schema = withChanges(rows);
    this.identity = identity;
    this.table = createGroupTable(identity.map((name) => rows.fields[name] as Column['type']));
    this.images = emptyBatch(rows);
  }

  get size(): number {
    return this.shown;
  }

  get bytes(): number {
    return this.shown === 0 ? 0 : this.table.bytes + this.imageOf.byteLength;
  }

  /** What the results change: `+I` of new ones, `-U +U` of others; nothing where they say what was said before. */
  show(results: Batch): Batch {
    const groups = this.groupsOf(results);
    const offset = this.images.numRows;
    const all = offset === 0 ? results : concatBatches(this.rows, [this.images, results]);
    const same = this.unchanged(all, groups, offset);
    const rows: number[] = [];
    const changes: number[] = [];
    for (let i = 0; i < results.numRows; i++) {
      if (same[i] === 1) continue;
      const group = groups[i] as number;
      const former = this.imageOf[group] as number;
      if (former === NONE) {
        rows.push(offset + i);
        changes.push(INSERT);
        this.shown++;
      } else {
        rows.push(former, offset + i);
        changes.push(UPDATE_BEFORE, UPDATE_AFTER);
      }
      this.imageOf[group] = offset + i;
    }
    this.images = all;
    const out = changelogBatch(this.schema, takeBatch(all, Int32Array.from(rows)), Int8Array.from(changes));
    this.compact();
    return out;
  }

  /** Takes results back: `-D` of those of these identities that had been given out. */
  withdraw(identities: readonly Column[], numRows: number): Batch {
    const groups = this.table.lookup(identities, numRows);
    const rows: number[] = [];
    for (let i = 0; i < numRows; i++) {
      const group = groups[i] as number;
      const row = group === NONE ? NONE : (this.imageOf[group] as number);
      if (row === NONE) continue;
      rows.push(row);
      this.imageOf[group] = NONE;
      this.shown--;
    }
    const changes = new Int8Array(rows.length).fill(DELETE);
    return changelogBatch(this.schema, takeBatch(this.images, Int32Array.from(rows)), changes);
  }

  /** Forgets results whose windows end by this time: they are final. */
  expire(endMs: number): void {
    if (this.shown === 0 || !this.identity.includes('windowEnd')) {
      if (endMs === Number.POSITIVE_INFINITY) this.clear();
      return;
    }
    const ends = readTimesMs(this.images, 'windowEnd');
    let gone = 0;
    for (let group = 0; group < this.table.size; group++) {
      const row = this.imageOf[group] as number;
      if (row === NONE || (ends[row] as number) > endMs) continue;
      this.imageOf[group] = NONE;
      gone++;
    }
    this.shown -= gone;
    if (gone > 0) this.compact();
  }

  clear(): void {
    this.table.clear();
    this.images = emptyBatch(this.rows);
    this.imageOf = new Int32Array(0);
    this.shown = 0;
  }

  snapshot(): Uint8Array {
    return encodeBatch(takeBatch(this.images, this.live().rows));
  }

  restore(bytes: Uint8Array): void {
    this.clear();
    const images = decodeBatch(this.rows, bytes);
    if (images.numRows > 0) this.show(images);
  }

  private groupsOf(results: Batch): Int32Array {
    const columns = this.identity.map((name) => results.column(name));
    // Without a key and bounds there is one result.
    const groups = columns.length === 0 ? new Int32Array(results.numRows) : this.table.assign(columns, results.numRows);
    const size = Math.max(1, this.table.size);
    if (size > this.imageOf.length) {
      const grown = new Int32Array(Math.max(size, 2 * this.imageOf.length)).fill(NONE);
      grown.set(this.imageOf);
      this.imageOf = grown;
    }
    return groups;
  }

  /** 1 for results that equal what was shown before, column by column. */
  private unchanged(all: Batch, groups: Int32Array, offset: number): Uint8Array {
    const count = all.numRows - offset;
    const same = new Uint8Array(count);
    const rows: number[] = [];
    const known: number[] = [];
    const latest = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const group = groups[i] as number;
      const former = latest.get(group) ?? (this.imageOf[group] as number);
      latest.set(group, offset + i);
      if (former === NONE) continue;
      known.push(i);
      rows.push(former, offset + i);
    }
    if (rows.length === 0) return same;
    const pairs = takeBatch(all, Int32Array.from(rows));
    const images = createGroupTable(pairs.columns.map(({ type }) => type));
    const ids = images.assign(pairs.columns, pairs.numRows);
    for (const [i, result] of known.entries()) if (ids[2 * i] === ids[2 * i + 1]) same[result] = 1;
    return same;
  }

  private live(): { readonly groups: Int32Array; readonly rows: Int32Array } {
    const groups: number[] = [];
    for (let group = 0; group < this.imageOf.length; group++) if (this.imageOf[group] !== NONE) groups.push(group);
    const rows = groups.map((group) => this.imageOf[group] as number);
    return { groups: Int32Array.from(groups), rows: Int32Array.from(rows) };
  }

  private compact(): void {
    if (this.shown === 0) {
      this.clear();
      return;
    }
    if (this.images.numRows - this.shown <= Math.max(MIN_GARBAGE, this.shown)) return;
    const { groups, rows } = this.live();
    this.images = takeBatch(this.images, rows);
    if (this.identity.length > 0) this.table.retain(groups);
    this.imageOf = new Int32Array(groups.length);
    for (let group = 0; group < groups.length; group++) this.imageOf[group] = group;
  }
}
