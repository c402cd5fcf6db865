import { type Batch, type Column, createBatch } from '@sabot/columnar';
import { createGroupTable, type GroupTable } from '@sabot/columnar/kernels';
import { readTimesMs } from '../time/event-time.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { WINDOW_SCHEMA, windowColumn } from './window-columns.js';
import type { WindowComputation, WindowFold } from './window-fold.js';
import { windowKeyTypes } from './window-groups.js';

const INITIAL_GROUPS = 256;

/** Partial aggregates per (pane, key): numbered groups with the start of their pane and whether rows have come lately. */
export class PaneGroups {
  /** By group. */
  starts = new Float64Array(INITIAL_GROUPS);
  /** By group: 1 when rows have come since a window of the pane came out at its end. */
  dirty = new Uint8Array(INITIAL_GROUPS);
  /** By group: 1 when rows have come since the last firing of any kind. */
  touched = new Uint8Array(INITIAL_GROUPS);
  readonly computation: WindowComputation;
  readonly fold: WindowFold;
  private readonly table: GroupTable;
  readonly keys: readonly string[];

  constructor(computation: WindowComputation, keys: readonly string[]) {
    this.keys = keys;
    this.computation = computation;
    this.table = createGroupTable(windowKeyTypes(computation.inputSchema, keys));
    this.fold = computation.create();
  }

  get size(): number {
    return this.table.size;
  }

  get bytes(): number {
    return this.size === 0 ? 0 : this.table.bytes + this.fold.bytes;
  }

  /** Adds rows, `paneStartsMs` by row of the batch; returns the earliest pane among them, Infinity for none. */
  add(batch: Batch, paneStartsMs: Float64Array, selection: Int32Array | null): number {
    const { numRows } = batch;
    const columns = [windowColumn(paneStartsMs, numRows), ...this.keys.map((key) => batch.column(key))];
    const groups = this.table.assign(columns, numRows, selection);
    this.fold.update(groups, this.size, batch, selection);
    this.reserve(this.size);
    const { starts, dirty, touched } = this;
    let earliestMs = Number.POSITIVE_INFINITY;
    const count = selection?.length ?? numRows;
    for (let i = 0; i < count; i++) {
      const group = groups[i] as number;
      const startMs = paneStartsMs[selection === null ? i : (selection[i] as number)] as number;
      starts[group] = startMs;
      dirty[group] = 1;
      touched[group] = 1;
      if (startMs < earliestMs) earliestMs = startMs;
    }
    return earliestMs;
  }

  /** The key columns, without the pane's start. */
  keyColumns(groups?: Int32Array): Column[] {
    return this.table.keys(groups).slice(1);
  }

  /** Keeps only these groups, ascending, and renumbers them. */
  retain(kept: Int32Array): void {
    if (kept.length === this.size) return;
    this.table.retain(kept);
    this.fold.retain(kept);
    for (let group = 0; group < kept.length; group++) {
      const former = kept[group] as number;
      this.starts[group] = this.starts[former] as number;
      this.dirty[group] = this.dirty[former] as number;
      this.touched[group] = this.touched[former] as number;
    }
  }

  clear(): void {
    this.table.clear();
    this.fold.clear();
  }

  snapshot(): Uint8Array {
    const flags = [this.dirty.slice(0, this.size), this.touched.slice(0, this.size)];
    return joinBytes([...flags, this.table.snapshot(), this.fold.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [dirty, touched, table, fold] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    this.table.restore(table);
    this.fold.restore(fold);
    this.reserve(this.size);
    this.dirty.set(dirty);
    this.touched.set(touched);
    this.starts.set(readTimesMs(createBatch(WINDOW_SCHEMA, [this.table.keys()[0] as Column]), 'start'));
  }

  private reserve(size: number): void {
    if (size <= this.starts.length) return;
    const capacity = Math.max(size, this.starts.length * 2);
    const starts = new Float64Array(capacity);
    starts.set(this.starts);
    this.starts = starts;
    const dirty = new Uint8Array(capacity);
    dirty.set(this.dirty);
    this.dirty = dirty;
    const touched = new Uint8Array(capacity);
    touched.set(this.touched);
    this.touched = touched;
  }
}
