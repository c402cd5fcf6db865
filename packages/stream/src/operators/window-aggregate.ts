import { type Batch, type Column, createBatch, type Schema } from '@sabot/columnar';
import {
  type Accumulators,
  type AggregatePlan,
  createAccumulators,
  createGroupTable,
  type GroupTable,
  takeBatch,
} from '@sabot/columnar/kernels';
import type { Operator, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { readTimesMs } from '../time/event-time.js';
import type { TumblingWindow } from '../time/window-spec.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { createOperatorStats } from './operator-stats.js';
import { WINDOW_SCHEMA, WINDOW_TYPE, windowColumn } from './window-columns.js';

export interface WindowAggregateSettings {
  readonly window: TumblingWindow;
  readonly allowedLatenessMs: number;
  readonly keys: readonly string[];
  readonly eventTime: string;
  readonly aggregates: AggregatePlan;
  /** Keys, windowStart, windowEnd, windowTime, aggregates. */
  readonly output: Schema;
}

const INITIAL_GROUPS = 256;

/** Rows of one output port: results on 0, late rows on 1. */
const LATE_PORT = 1;

/**
 * Aggregates per key and tumbling window.
 *
 * Algorithm: every row's window start is a further key column; one vectorised group-by per batch numbers the
 * (window, key) pairs and feeds the accumulators. At a watermark the windows it has passed come out, in time order.
 * State: one entry per (window, key) with rows, until end + allowed lateness; then none.
 * Correctness: a window comes out when its end ≤ watermark; a row whose window's end + allowed lateness ≤ watermark is
 * late and goes to port 1; one that comes in between makes its window come out again, whole, at the next watermark.
 * Cost per batch: three passes over the rows plus one per aggregate; per firing, one pass over the open groups.
 */
export function createWindowAggregate(settings: WindowAggregateSettings): Operator {
  return new WindowAggregate(settings);
}

class WindowAggregate implements Operator {
  readonly stats = createOperatorStats();
  private readonly settings: WindowAggregateSettings;
  private readonly groups: GroupTable;
  private readonly accumulators: Accumulators;
  /** By group: its window's start, and whether rows have come since it last came out. */
  private starts = new Float64Array(INITIAL_GROUPS);
  private dirty = new Uint8Array(INITIAL_GROUPS);
  private watermarkMs = Number.NEGATIVE_INFINITY;
  /** No open window ends before this: most watermarks pass without a look at the groups. */
  private nextEndMs = Number.POSITIVE_INFINITY;
  private times: Float64Array = new Float64Array(0);

  constructor(settings: WindowAggregateSettings) {
    this.settings = settings;
    const { fields } = settings.aggregates.inputSchema;
    this.groups = createGroupTable([WINDOW_TYPE, ...settings.keys.map((key) => fields[key] as Column['type'])]);
    this.accumulators = createAccumulators(settings.aggregates);
  }

  open(): void {
    this.count();
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const { numRows } = batch;
    this.times = readTimesMs(batch, this.settings.eventTime, this.times);
    const selection = this.assignWindows(batch, output);
    const columns = [windowColumn(this.times, numRows), ...this.settings.keys.map((key) => batch.column(key))];
    const ids = this.groups.assign(columns, numRows, selection);
    this.accumulators.update(ids, this.groups.size, batch, selection);
    this.mark(ids, selection, selection?.length ?? numRows);
    this.count();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind !== 'watermark' || signal.timeMs <= this.watermarkMs) return;
    this.watermarkMs = signal.timeMs;
    if (this.nextEndMs <= signal.timeMs) this.fire(output);
  }

  snapshot(): Uint8Array {
    const head = new Float64Array([this.watermarkMs]);
    const dirty = this.dirty.slice(0, this.groups.size);
    return joinBytes([new Uint8Array(head.buffer), dirty, this.groups.snapshot(), this.accumulators.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [head, dirty, groups, accumulators] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    this.watermarkMs = new Float64Array(head.slice().buffer)[0] as number;
    this.groups.restore(groups);
    this.accumulators.restore(accumulators);
    this.reserve(this.groups.size);
    this.dirty.set(dirty);
    this.starts.set(readTimesMs(createBatch(WINDOW_SCHEMA, [this.groups.keys()[0] as Column]), 'start'));
    this.findNextEnd();
    this.count();
  }

  close(): void {
    this.groups.clear();
    this.accumulators.clear();
  }

  /** Turns `times` into window starts; gives late rows out and returns the others, or null when no row is late. */
  private assignWindows(batch: Batch, output: OperatorOutput): Int32Array | null {
    const { sizeMs, offsetMs } = this.settings.window;
    const closedBeforeMs = this.watermarkMs - this.settings.allowedLatenessMs - sizeMs;
    const { times } = this;
    let late = 0;
    for (let row = 0; row < batch.numRows; row++) {
      const start = Math.floor(((times[row] as number) - offsetMs) / sizeMs) * sizeMs + offsetMs;
      times[row] = start;
      if (start <= closedBeforeMs) late++;
    }
    if (late === 0) return null;
    const kept = new Int32Array(batch.numRows - late);
    const dropped = new Int32Array(late);
    for (let row = 0, k = 0, d = 0; row < batch.numRows; row++) {
      if ((times[row] as number) <= closedBeforeMs) dropped[d++] = row;
      else kept[k++] = row;
    }
    this.stats.lateRows += late;
    output.emit(takeBatch(batch, dropped), LATE_PORT);
    return kept;
  }

  private mark(ids: Int32Array, selection: Int32Array | null, count: number): void {
    this.reserve(this.groups.size);
    const { starts, dirty, times } = this;
    let earliest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const group = ids[i] as number;
      const start = times[selection === null ? i : (selection[i] as number)] as number;
      starts[group] = start;
      dirty[group] = 1;
      if (start < earliest) earliest = start;
    }
    this.nextEndMs = Math.min(this.nextEndMs, earliest + this.settings.window.sizeMs);
  }

  private fire(output: OperatorOutput): void {
    const { window, allowedLatenessMs } = this.settings;
    const passed = this.watermarkMs - window.sizeMs;
    const due: number[] = [];
    const kept: number[] = [];
    for (let group = 0; group < this.groups.size; group++) {
      const start = this.starts[group] as number;
      if (start <= passed && this.dirty[group] === 1) due.push(group);
      if (start > passed - allowedLatenessMs) kept.push(group);
    }
    if (due.length > 0) this.emit(Int32Array.from(due), output);
    for (const group of due) this.dirty[group] = 0;
    if (kept.length < this.groups.size) this.retain(Int32Array.from(kept));
    this.findNextEnd();
    this.count();
  }

  private emit(due: Int32Array, output: OperatorOutput): void {
    // Group numbers follow arrival: sorting by start alone (stably) gives (time, arrival) order.
    const order = due.sort((a, b) => (this.starts[a] as number) - (this.starts[b] as number) || a - b);
    const [start, ...keys] = this.groups.keys(order) as [Column, ...Column[]];
    const ends = Float64Array.from(order, (group) => (this.starts[group] as number) + this.settings.window.sizeMs);
    const end = windowColumn(ends, order.length);
    const time = windowColumn(
      ends.map((ms) => ms - 1),
      order.length,
    );
    const columns = [...keys, start, end, time, ...this.accumulators.finish(order)];
    output.emit(createBatch(this.settings.output, columns, order.length));
  }

  private retain(kept: Int32Array): void {
    this.groups.retain(kept);
    this.accumulators.retain(kept);
    for (const [group, former] of kept.entries()) {
      this.starts[group] = this.starts[former] as number;
      this.dirty[group] = this.dirty[former] as number;
    }
  }

  /** The earliest time at which a window has to come out or go. */
  private findNextEnd(): void {
    const { window, allowedLatenessMs } = this.settings;
    let next = Number.POSITIVE_INFINITY;
    for (let group = 0; group < this.groups.size; group++) {
      const end = (this.starts[group] as number) + window.sizeMs;
      next = Math.min(next, this.dirty[group] === 1 ? end : end + allowedLatenessMs);
    }
    this.nextEndMs = next;
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

  private count(): void {
    this.stats.stateEntries = this.groups.size;
    this.stats.stateBytes = this.groups.size === 0 ? 0 : this.groups.bytes + this.accumulators.bytes;
  }
}
