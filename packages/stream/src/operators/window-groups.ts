import { type Batch, type Column, createBatch } from '@sabot/columnar';
import { createGroupTable, type GroupTable } from '@sabot/columnar/kernels';
import { readTimesMs } from '../time/event-time.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { WINDOW_SCHEMA, WINDOW_TYPE, windowColumn } from './window-columns.js';
import type { WindowComputation, WindowFold } from './window-fold.js';

const INITIAL_GROUPS = 256;

/** What is kept per (window, key): numbered groups with the start of their window and what has become of them. */
export class WindowGroups {
  /** By group. */
  starts = new Float64Array(INITIAL_GROUPS);
  /** By group: 1 when rows have come since it came out. */
  touched = new Uint8Array(INITIAL_GROUPS);
  /** By group: 1 when it has come out at its window's end. */
  onTime = new Uint8Array(INITIAL_GROUPS);
  /** By group: rows since it came out. */
  rows = new Float64Array(INITIAL_GROUPS);
  readonly fold: WindowFold;
  /** By group: its number in the fold. A group that begins anew gets another one. */
  private slots = new Int32Array(INITIAL_GROUPS);
  private numSlots = 0;
  private renewed = 0;
  private ids = new Int32Array(0);
  private readonly table: GroupTable;
  private readonly keys: readonly string[];

  constructor(computation: WindowComputation, keys: readonly string[]) {
    this.keys = keys;
    this.table = createGroupTable(windowKeyTypes(computation.inputSchema, keys));
    this.fold = computation.create();
  }

  get size(): number {
    return this.table.size;
  }

  get bytes(): number {
    return this.size === 0 ? 0 : this.table.bytes + this.fold.bytes;
  }

  /** The group of every row, or of every selected one; overwritten by the next call. */
  assign(batch: Batch, startsMs: Float64Array, selection: Int32Array | null): Int32Array {
    const { numRows } = batch;
    const known = this.size;
    const columns = [windowColumn(startsMs, numRows), ...this.keys.map((key) => batch.column(key))];
    const groups = this.table.assign(columns, numRows, selection);
    if (this.size > known) this.begin(known, groups, startsMs, selection, selection?.length ?? numRows);
    return groups;
  }

  /** Adds the rows `from` to `to` of a selection (null: of the batch), whose groups `assign` gave. */
  update(groups: Int32Array, batch: Batch, selection: Int32Array | null, from: number, to: number): void {
    const count = to - from;
    if (this.ids.length < count) this.ids = new Int32Array(count);
    const ids = this.ids.subarray(0, count);
    for (let i = 0; i < count; i++) {
      const group = groups[from + i] as number;
      ids[i] = this.slots[group] as number;
      this.touched[group] = 1;
    }
    const whole = from === 0 && to === (selection?.length ?? batch.numRows);
    this.fold.update(ids, this.numSlots, batch, whole ? selection : rowsOf(selection, from, to));
  }

  /** The key columns, without the window's start. */
  keyColumns(groups: Int32Array): Column[] {
    return this.table.keys(groups).slice(1);
  }

  /** The numbers of these groups in the fold. */
  slotsOf(groups: Int32Array): Int32Array {
    return groups.map((group) => this.slots[group] as number);
  }

  /** The group has come out. */
  settle(group: number): void {
    this.touched[group] = 0;
    this.rows[group] = 0;
  }

  /** The group begins anew: what it holds is not part of later results. */
  renew(group: number): void {
    this.slots[group] = this.numSlots++;
    this.renewed++;
  }

  /** Keeps only these groups, ascending, and renumbers them. */
  retain(kept: Int32Array): void {
    if (kept.length === this.size && this.renewed <= Math.max(64, this.size)) return;
    this.fold.retain(this.slotsOf(kept));
    this.table.retain(kept);
    for (let group = 0; group < kept.length; group++) {
      const former = kept[group] as number;
      this.starts[group] = this.starts[former] as number;
      this.touched[group] = this.touched[former] as number;
      this.onTime[group] = this.onTime[former] as number;
      this.rows[group] = this.rows[former] as number;
      this.slots[group] = group;
    }
    this.numSlots = kept.length;
    this.renewed = 0;
    if (kept.length === 0) this.clear();
  }

  clear(): void {
    this.table.clear();
    this.fold.clear();
    this.numSlots = 0;
    this.renewed = 0;
  }

  snapshot(): Uint8Array {
    const { size } = this;
    this.compact();
    const rows = new Uint8Array(this.rows.slice(0, size).buffer);
    const flags = [this.touched.slice(0, size), this.onTime.slice(0, size)];
    return joinBytes([...flags, rows, this.table.snapshot(), this.fold.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [touched, onTime, rows, table, fold] = splitBytes(bytes) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    this.table.restore(table);
    this.fold.restore(fold);
    const { size } = this;
    this.reserve(size);
    this.touched.set(touched);
    this.onTime.set(onTime);
    this.rows.set(new Float64Array(rows.buffer, rows.byteOffset, size));
    this.starts.set(readTimesMs(createBatch(WINDOW_SCHEMA, [this.table.keys()[0] as Column]), 'start'));
    for (let group = 0; group < size; group++) this.slots[group] = group;
    this.numSlots = size;
    this.renewed = 0;
  }

  private compact(): void {
    if (this.renewed === 0) return;
    const groups = Int32Array.from({ length: this.size }, (_, group) => group);
    this.renewed = Number.POSITIVE_INFINITY;
    this.retain(groups);
  }

  private begin(
    known: number,
    groups: Int32Array,
    startsMs: Float64Array,
    selection: Int32Array | null,
    count: number,
  ): void {
    const { size } = this;
    this.reserve(size);
    for (let group = known; group < size; group++) {
      this.touched[group] = 0;
      this.onTime[group] = 0;
      this.rows[group] = 0;
      this.slots[group] = this.numSlots++;
    }
    for (let i = 0; i < count; i++) {
      const group = groups[i] as number;
      if (group >= known) this.starts[group] = startsMs[selection === null ? i : (selection[i] as number)] as number;
    }
  }

  private reserve(size: number): void {
    if (size <= this.starts.length) return;
    const capacity = Math.max(size, this.starts.length * 2);
    const grown = <A extends Float64Array | Int32Array | Uint8Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    this.starts = grown(new Float64Array(capacity), this.starts);
    this.touched = grown(new Uint8Array(capacity), this.touched);
    this.onTime = grown(new Uint8Array(capacity), this.onTime);
    this.rows = grown(new Float64Array(capacity), this.rows);
    this.slots = grown(new Int32Array(capacity), this.slots);
  }
}

function rowsOf(selection: Int32Array | null, from: number, to: number): Int32Array {
  if (selection !== null) return selection.subarray(from, to);
  const rows = new Int32Array(to - from);
  for (let i = 0; i < rows.length; i++) rows[i] = from + i;
  return rows;
}

/** The columns that tell (window or pane, key) pairs apart. */
export function windowKeyTypes(input: WindowComputation['inputSchema'], keys: readonly string[]): Column['type'][] {
  return [WINDOW_TYPE, ...keys.map((key) => input.fields[key] as Column['type'])];
}
