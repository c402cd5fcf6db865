import type { Batch } from '@sabot/columnar';
import { concatBatches } from '@sabot/columnar/kernels';
import type { Operator, OperatorContext, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { readTimesMs } from '../time/event-time.js';
import type { GlobalWindow, HoppingWindow, TumblingWindow } from '../time/window-spec.js';
import { EarlyFirings } from './early-firings.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { dropLateRows } from './late-rows.js';
import { createOperatorStats } from './operator-stats.js';
import { type PlacedRows, placeRows } from './place-rows.js';
import { WindowClock } from './window-clock.js';
import { WindowGroups } from './window-groups.js';
import { WindowOutlet } from './window-outlet.js';
import { inTimeOrder, windowResults } from './window-results.js';
import type { WindowSettings } from './window-settings.js';

type FixedWindow = TumblingWindow | HoppingWindow | GlobalWindow;

/**
 * Computes per key and window, for windows whose bounds do not depend on the rows.
 *
 * Algorithm: the start of a row's window is a further key column; one vectorised group-by per batch numbers the (window,
 * key) pairs and feeds the fold. Firings with every so many rows, or with every late row, cut the batch behind the row
 * that makes them, so that what comes out does not depend on how rows are cut into batches.
 * State: one entry per (window, key) with rows, until the window's end + allowed lateness; then none. Discarding: until
 * it comes out.
 * Correctness: a window comes out when its end ≤ watermark (of processing-time windows: the clock), and again at the next
 * watermark when rows have come since. A row is late, and goes to port 1, when end + allowed lateness ≤ watermark holds
 * for all its windows. The watermark ∞ ends every window.
 * Cost per batch: three passes over the rows plus one per aggregate, for each window that a row is in; per firing, one
 * pass over the open groups. Hopping windows that come out by watermark alone are cheaper as panes.
 */
export function createWindowAggregate(settings: WindowSettings<FixedWindow>): Operator {
  return new WindowAggregate(settings);
}

class WindowAggregate implements Operator {
  readonly stats = createOperatorStats();
  private readonly settings: WindowSettings<FixedWindow>;
  private readonly sizeMs: number;
  private readonly byClock: boolean;
  private readonly everyRows: number;
  private readonly groups: WindowGroups;
  private readonly outlet: WindowOutlet;
  private readonly early: EarlyFirings;
  private readonly clock: WindowClock;
  private watermarkMs = Number.NEGATIVE_INFINITY;
  /** Nothing comes out or goes before this: most watermarks pass without a look at the groups. */
  private nextMs = Number.POSITIVE_INFINITY;
  private times: Float64Array = new Float64Array(0);

  constructor(settings: WindowSettings<FixedWindow>) {
    const { window, early } = settings;
    this.settings = settings;
    this.sizeMs = window.kind === 'global' ? Number.POSITIVE_INFINITY : window.sizeMs;
    this.byClock = window.kind !== 'global' && window.time === 'processing-time';
    this.everyRows = early !== undefined && 'everyRows' in early ? early.everyRows : Number.POSITIVE_INFINITY;
    this.groups = new WindowGroups(settings.computation, settings.keys);
    this.outlet = new WindowOutlet(settings, this.stats);
    this.early = new EarlyFirings(early, (output) => this.fireEarly(output));
    this.clock = new WindowClock((nowMs, output) => this.advance(nowMs, output));
  }

  open(context: OperatorContext): void {
    this.early.open(context);
    this.clock.open(context);
    this.count();
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const times = this.timesOf(batch);
    const placed = placeRows(batch, times, this.settings.window, this.watermarkMs - this.settings.allowedLatenessMs);
    if (placed.late !== undefined) dropLateRows(batch, placed.late.flags, placed.late.count, this.stats, output);
    const { batch: rows, startsMs, selection } = placed;
    const groups = this.groups.assign(rows, startsMs, selection);
    const count = selection?.length ?? rows.numRows;
    this.expectEnds(groups, count);
    if (this.firesByRow) this.updateByRow(placed, groups, count, output);
    else this.groups.update(groups, rows, selection, 0, count);
    this.early.expect();
    if (this.byClock) this.clock.request(this.nextMs);
    this.count();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind !== 'watermark') return;
    // Event time says nothing about windows of processing time, but its end is the end of everything.
    if (!this.byClock || signal.timeMs === Number.POSITIVE_INFINITY) this.advance(signal.timeMs, output);
  }

  snapshot(): Uint8Array {
    const head = new Uint8Array(new Float64Array([this.watermarkMs]).buffer);
    return joinBytes([head, this.groups.snapshot(), this.outlet.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [head, groups, shown] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    this.watermarkMs = new Float64Array(head.slice().buffer)[0] as number;
    this.groups.restore(groups);
    if (shown.length > 0) this.outlet.restore(shown);
    this.findNext();
    if (this.groups.size > 0) this.early.expect();
    if (this.byClock) this.clock.request(this.nextMs);
    this.count();
  }

  close(): void {
    this.groups.clear();
  }

  private timesOf(batch: Batch): Float64Array {
    const { eventTime, window } = this.settings;
    if (eventTime !== undefined && !this.byClock && window.kind !== 'global') {
      this.times = readTimesMs(batch, eventTime, this.times);
      return this.times;
    }
    if (this.times.length < batch.numRows) this.times = new Float64Array(batch.numRows);
    // A clock that has been set back does not bring back windows that have come out.
    return this.times.fill(this.byClock ? Math.max(this.clock.nowMs, this.watermarkMs) : 0);
  }

  private get firesByRow(): boolean {
    return this.everyRows < Number.POSITIVE_INFINITY || this.settings.late === 'per-row';
  }

  private updateByRow(placed: PlacedRows, ids: Int32Array, count: number, output: OperatorOutput): void {
    const { groups, everyRows, watermarkMs } = this;
    const { batch, selection } = placed;
    const results: Batch[] = [];
    let from = 0;
    for (let i = 0; i < count; i++) {
      const group = ids[i] as number;
      const rows = (groups.rows[group] as number) + 1;
      groups.rows[group] = rows;
      const ended = (groups.starts[group] as number) + this.sizeMs <= watermarkMs;
      if (ended ? this.settings.late !== 'per-row' : rows < everyRows) continue;
      groups.update(ids, batch, selection, from, i + 1);
      from = i + 1;
      results.push(this.resultsOf(Int32Array.of(group)));
      groups.settle(group);
      if (ended) groups.onTime[group] = 1;
      if (this.settings.results === 'discarding') groups.renew(group);
    }
    if (from < count) groups.update(ids, batch, selection, from, count);
    if (results.length > 0) this.outlet.give(concatBatches(this.settings.output, results), output);
  }

  private expectEnds(groups: Int32Array, count: number): void {
    const { starts } = this.groups;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const startMs = starts[groups[i] as number] as number;
      if (startMs < earliestMs) earliestMs = startMs;
    }
    if (earliestMs + this.sizeMs < this.nextMs) this.nextMs = earliestMs + this.sizeMs;
  }

  private advance(timeMs: number, output: OperatorOutput): void {
    if (timeMs <= this.watermarkMs) return;
    this.watermarkMs = timeMs;
    if (this.nextMs <= timeMs) this.fire(output);
    if (this.byClock) this.clock.request(this.nextMs);
  }

  private fire(output: OperatorOutput): void {
    const { groups, sizeMs, watermarkMs } = this;
    const discarding = this.settings.results === 'discarding';
    const due: number[] = [];
    const kept: number[] = [];
    const closedMs = watermarkMs - this.settings.allowedLatenessMs;
    for (let group = 0; group < groups.size; group++) {
      const endMs = (groups.starts[group] as number) + sizeMs;
      const ends = endMs <= watermarkMs && this.hasNews(group);
      if (ends) due.push(group);
      if (endMs <= watermarkMs) groups.onTime[group] = 1;
      if (endMs > closedMs && !(discarding && endMs <= watermarkMs)) kept.push(group);
    }
    this.emit(due, output);
    groups.retain(Int32Array.from(kept));
    this.outlet.expire(closedMs);
    this.findNext();
    this.count();
  }

  private fireEarly(output: OperatorOutput): void {
    const { groups, sizeMs, watermarkMs } = this;
    const due: number[] = [];
    for (let group = 0; group < groups.size; group++) {
      if (groups.touched[group] === 1 && (groups.starts[group] as number) + sizeMs > watermarkMs) due.push(group);
    }
    this.emit(due, output);
    if (this.settings.results === 'discarding') for (const group of due) groups.renew(group);
    this.count();
  }

  /** Whether a window that has ended has something to say: of discarding windows, only what is new. */
  private hasNews(group: number): boolean {
    const { touched, onTime } = this.groups;
    return touched[group] === 1 || (onTime[group] === 0 && this.settings.results === 'accumulating');
  }

  private emit(due: readonly number[], output: OperatorOutput): void {
    if (due.length === 0) return;
    this.outlet.give(this.resultsOf(inTimeOrder(Int32Array.from(due), this.groups.starts)), output);
    for (const group of due) this.groups.settle(group);
  }

  private resultsOf(groups: Int32Array): Batch {
    const store = this.groups;
    const startsMs = Float64Array.from(groups, (group) => store.starts[group] as number);
    const endsMs = startsMs.map((ms) => ms + this.sizeMs);
    const bounds = { groups: store.slotsOf(groups), startsMs, endsMs };
    return windowResults(this.settings.output, bounds, store.keyColumns(groups), store.fold);
  }

  /** The earliest time at which a window has to come out or go. */
  private findNext(): void {
    const { groups } = this;
    let nextMs = Number.POSITIVE_INFINITY;
    for (let group = 0; group < groups.size; group++) {
      const endMs = (groups.starts[group] as number) + this.sizeMs;
      const pending = groups.touched[group] === 1 || groups.onTime[group] === 0;
      nextMs = Math.min(nextMs, pending ? endMs : endMs + this.settings.allowedLatenessMs);
    }
    this.nextMs = nextMs;
  }

  private count(): void {
    this.stats.stateEntries = this.groups.size;
    this.stats.stateBytes = this.groups.bytes + (this.outlet.shown?.bytes ?? 0);
  }
}
