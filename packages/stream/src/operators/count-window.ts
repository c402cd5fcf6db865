import type { Batch } from '@sabot/columnar';
import { createGroupTable, type GroupTable, takeBatch } from '@sabot/columnar/kernels';
import type { Operator, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import type { CountWindow } from '../time/window-spec.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { createOperatorStats } from './operator-stats.js';
import { WindowGroups, windowKeyTypes } from './window-groups.js';
import { WindowOutlet } from './window-outlet.js';
import { windowResults } from './window-results.js';
import type { WindowSettings } from './window-settings.js';

/**
 * Computes over the latest rows of a key, every so many rows.
 *
 * Algorithm: rows of a key are numbered in order of arrival; windows are `[i · every, i · every + rows)` of these numbers,
 * those that begin before the first row included. A window is full, and comes out, with its last row; no row comes
 * after it, so one group-by per batch serves however many windows are full in it.
 * State: one number per key, and one entry per open window: `rows / every` per key. It stays until the end of the stream.
 * Correctness: order of arrival, so nothing is late. At the watermark ∞ windows that are not full come out with what
 * they have.
 * Cost per batch: two group-bys over the rows, times `rows / every`.
 */
export function createCountWindow(settings: WindowSettings<CountWindow>): Operator {
  return new CountedWindows(settings);
}

class CountedWindows implements Operator {
  readonly stats = createOperatorStats();
  private readonly settings: WindowSettings<CountWindow>;
  private readonly groups: WindowGroups;
  private readonly outlet: WindowOutlet;
  private readonly table: GroupTable;
  /** By key: rows so far. */
  private seen = new Float64Array(256);

  constructor(settings: WindowSettings<CountWindow>) {
    this.settings = settings;
    this.groups = new WindowGroups(settings.computation, settings.keys);
    this.outlet = new WindowOutlet(settings, this.stats);
    this.table = createGroupTable(windowKeyTypes(settings.computation.inputSchema, settings.keys).slice(1));
  }

  open(): void {
    this.count();
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const { rows: perWindow, everyRows } = this.settings.window;
    const overlap = Math.ceil(perWindow / everyRows);
    const keys = this.keysOf(batch);
    const rows = new Int32Array(batch.numRows * overlap);
    const startsOf = new Float64Array(rows.length);
    const ends: number[] = [];
    let count = 0;
    for (let row = 0; row < batch.numRows; row++) {
      const key = keys[row] as number;
      const number = this.seen[key] as number;
      this.seen[key] = number + 1;
      const last = Math.floor(number / everyRows);
      for (let index = Math.floor((number - perWindow) / everyRows) + 1; index <= last; index++) {
        if (index * everyRows + perWindow === number + 1) ends.push(count);
        rows[count] = row;
        startsOf[count++] = index * everyRows;
      }
    }
    const placed = overlap === 1 ? batch : takeBatch(batch, rows, count);
    const groups = this.groups.assign(placed, startsOf, null);
    this.groups.update(groups, placed, null, 0, count);
    if (ends.length > 0)
      this.giveOut(
        Int32Array.from(ends, (at) => groups[at] as number),
        output,
      );
    this.count();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind !== 'watermark' || signal.timeMs !== Number.POSITIVE_INFINITY || this.groups.size === 0) return;
    this.giveOut(
      Int32Array.from({ length: this.groups.size }, (_, group) => group),
      output,
    );
    this.table.clear();
    this.seen.fill(0);
    this.count();
  }

  snapshot(): Uint8Array {
    const keyed = this.settings.keys.length > 0;
    const seen = new Uint8Array(this.seen.slice(0, keyed ? this.table.size : 1).buffer);
    return joinBytes([seen, keyed ? this.table.snapshot() : new Uint8Array(0), this.groups.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [seen, table, groups] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    if (this.settings.keys.length > 0) this.table.restore(table);
    this.reserve(seen.length / 8);
    this.seen.set(new Float64Array(seen.buffer, seen.byteOffset, seen.length / 8));
    this.groups.restore(groups);
    this.count();
  }

  close(): void {
    this.groups.clear();
    this.table.clear();
  }

  private keysOf(batch: Batch): Int32Array {
    const { keys } = this.settings;
    if (keys.length === 0) return new Int32Array(batch.numRows);
    const columns = keys.map((key) => batch.column(key));
    const numbers = this.table.assign(columns, batch.numRows);
    this.reserve(this.table.size);
    return numbers;
  }

  private reserve(size: number): void {
    if (size <= this.seen.length) return;
    const grown = new Float64Array(Math.max(size, 2 * this.seen.length));
    grown.set(this.seen);
    this.seen = grown;
  }

  /** Gives windows out, in this order, and forgets them. */
  private giveOut(full: Int32Array, output: OperatorOutput): void {
    const { groups } = this;
    const startsMs = Float64Array.from(full, (group) => groups.starts[group] as number);
    const bounds = { groups: groups.slotsOf(full), startsMs, endsMs: startsMs };
    this.outlet.give(windowResults(this.settings.output, bounds, groups.keyColumns(full), groups.fold), output);
    const gone = new Set(full);
    const kept: number[] = [];
    for (let group = 0; group < groups.size; group++) if (!gone.has(group)) kept.push(group);
    groups.retain(Int32Array.from(kept));
  }

  private count(): void {
    const { stats, groups } = this;
    stats.stateEntries = groups.size + (this.settings.keys.length === 0 ? 0 : this.table.size);
    stats.stateBytes = stats.stateEntries === 0 ? 0 : groups.bytes + this.table.bytes + this.seen.byteLength;
  }
}
