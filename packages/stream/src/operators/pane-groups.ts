import { type Batch, type Column, createBatch, type Schema } from '@sabot/columnar';
import {
  type Accumulators,
  type AggregatePlan,
  createAccumulators,
  createGroupTable,
  type GroupTable,
} from '@sabot/columnar/kernels';
import { readTimesMs } from '../time/event-time.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { WINDOW_SCHEMA, WINDOW_TYPE, windowColumn } from './window-columns.js';

const INITIAL_GROUPS = 256;

/** Partial aggregates per (pane, key): numbered groups with the start of their pane and whether rows have come lately. */
export class PaneGroups {
  /** By group. */
  starts = new Float64Array(INITIAL_GROUPS);
  /** By group: 1 when rows have come since the flags were cleared. */
  dirty = new Uint8Array(INITIAL_GROUPS);
  readonly accumulators: Accumulators;
  private readonly table: GroupTable;
  readonly keys: readonly string[];

  constructor(aggregates: AggregatePlan, keys: readonly string[]) {
    this.keys = keys;
    this.table = createGroupTable(windowKeyTypes(aggregates.inputSchema, keys));
    this.accumulators = createAccumulators(aggregates);
  }

  get size(): number {
    return this.table.size;
  }

  get bytes(): number {
    return this.size === 0 ? 0 : this.table.bytes + this.accumulators.bytes;
  }

  /** Adds rows, `paneStartsMs` by row of the batch; returns the earliest pane among them, Infinity for none. */
  add(batch: Batch, paneStartsMs: Float64Array, selection: Int32Array | null): number {
    const { numRows } = batch;
    const columns = [windowColumn(paneStartsMs, numRows), ...this.keys.map((key) => batch.column(key))];
    const groups = this.table.assign(columns, numRows, selection);
    this.accumulators.update(groups, this.size, batch, selection);
    this.reserve(this.size);
    const { starts, dirty } = this;
    let earliestMs = Number.POSITIVE_INFINITY;
    const count = selection?.length ?? numRows;
    for (let i = 0; i < count; i++) {
      const group = groups[i] as number;
      const startMs = paneStartsMs[selection === null ? i : (selection[i] as number)] as number;
      starts[group] = startMs;
      dirty[group] = 1;
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
    this.accumulators.retain(kept);
    for (let group = 0; group < kept.length; group++) {
      const former = kept[group] as number;
      this.starts[group] = this.starts[former] as number;
      this.dirty[group] = this.dirty[former] as number;
    }
  }

  clear(): void {
    this.table.clear();
    this.accumulators.clear();
  }

  snapshot(): Uint8Array {
    return joinBytes([this.dirty.slice(0, this.size), this.table.snapshot(), this.accumulators.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [dirty, table, accumulators] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    this.table.restore(table);
    this.accumulators.restore(accumulators);
    this.reserve(this.size);
    this.dirty.set(dirty);
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
  }
}

/** The columns that tell (window or pane, key) pairs apart. */
export function windowKeyTypes(input: Schema, keys: readonly string[]): Column['type'][] {
  return [WINDOW_TYPE, ...keys.map((key) => input.fields[key] as Column['type'])];
}
