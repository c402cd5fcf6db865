import type { Batch } from '@sabot/columnar';
import type { Operator, OperatorContext, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { readTimesMs } from '../time/event-time.js';
import { firstWindow, lastEnded, lastWindow, openFrom, type Panes, panesOf, windowStart } from '../time/panes.js';
import type { HoppingWindow } from '../time/window-spec.js';
import { EarlyFirings } from './early-firings.js';
import { mergePanes } from './fire-panes.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { dropLateRows } from './late-rows.js';
import { createOperatorStats } from './operator-stats.js';
import { PaneGroups } from './pane-groups.js';
import { WindowOutlet } from './window-outlet.js';
import type { WindowSettings } from './window-settings.js';

/**
 * Computes per key and hopping window that comes out by watermark or clock, in whole.
 *
 * Algorithm: every row's pane (the stretch between two window boundaries) is a further key column; one vectorised
 * group-by per batch numbers the (pane, key) pairs and feeds the accumulators. At a watermark the windows it has passed
 * come out, in time order, each merged from its panes.
 * State: one entry per (pane, key) with rows, until its last window's end + allowed lateness; then none.
 * Correctness: a window comes out when its end ≤ watermark. A row is late, and goes to port 1, when end + allowed
 * lateness ≤ watermark holds for all its windows; of several windows it enters those that are still open. One that
 * comes to a window between its end and that makes it come out again, whole, at the next watermark.
 * Cost per batch: three passes over the rows plus one per aggregate, whatever the overlap; per firing, one pass over the
 * open groups and one merge of them per window that comes out.
 */
export function createPaneAggregate(settings: WindowSettings<HoppingWindow>): Operator {
  return new PaneAggregate(settings);
}

class PaneAggregate implements Operator {
  readonly stats = createOperatorStats();
  private readonly settings: WindowSettings<HoppingWindow>;
  private readonly eventTime: string;
  private readonly outlet: WindowOutlet;
  private readonly early: EarlyFirings;
  private readonly panes: Panes;
  private readonly groups: PaneGroups;
  private watermarkMs = Number.NEGATIVE_INFINITY;
  /** Nothing comes out or goes before this: most watermarks pass without a look at the groups. */
  private nextMs = Number.POSITIVE_INFINITY;
  private times: Float64Array = new Float64Array(0);

  constructor(settings: WindowSettings<HoppingWindow>) {
    // The surface gives windows of event time only to streams that have it.
    this.eventTime = settings.eventTime as string;
    this.settings = settings;
    this.panes = panesOf(settings.window);
    this.groups = new PaneGroups(settings.computation, settings.keys);
    this.outlet = new WindowOutlet(settings, this.stats);
    this.early = new EarlyFirings(settings.early, (output) => this.fireEarly(output));
  }

  open(context: OperatorContext): void {
    this.early.open(context);
    this.count();
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    this.times = readTimesMs(batch, this.eventTime, this.times);
    const selection = this.assignPanes(batch, output);
    const earliestMs = this.groups.add(batch, this.times, selection);
    if (earliestMs < Number.POSITIVE_INFINITY) this.nextMs = Math.min(this.nextMs, this.firstEnd(earliestMs));
    this.early.expect();
    this.count();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind !== 'watermark' || signal.timeMs <= this.watermarkMs) return;
    const fromMs = this.watermarkMs;
    this.watermarkMs = signal.timeMs;
    if (this.nextMs <= signal.timeMs) this.fire(fromMs, output);
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
    if (this.groups.size > 0) this.early.expect();
    this.findNext();
    this.count();
  }

  close(): void {
    this.groups.clear();
  }

  /** Turns `times` into pane starts; gives late rows out and returns the others, or null when no row is late. */
  private assignPanes(batch: Batch, output: OperatorOutput): Int32Array | null {
    const { paneMs, offsetMs } = this.panes;
    const openFromMs = openFrom(this.panes, this.watermarkMs - this.settings.allowedLatenessMs);
    const { times } = this;
    let late = 0;
    for (let row = 0; row < batch.numRows; row++) {
      const start = Math.floor(((times[row] as number) - offsetMs) / paneMs) * paneMs + offsetMs;
      times[row] = start;
      if (start < openFromMs) late++;
    }
    if (late === 0) return null;
    const isLate = new Uint8Array(batch.numRows);
    for (let row = 0; row < batch.numRows; row++) if ((times[row] as number) < openFromMs) isLate[row] = 1;
    return dropLateRows(batch, isLate, late, this.stats, output);
  }

  private fire(fromMs: number, output: OperatorOutput): void {
    const { groups, panes, watermarkMs } = this;
    const { allowedLatenessMs } = this.settings;
    const firing = { early: false, fromMs, toMs: watermarkMs, allowedLatenessMs };
    const results = mergePanes(groups, panes, this.settings.output, firing);
    if (results !== undefined) this.outlet.give(results, output);
    this.settle();
    this.outlet.expire(watermarkMs - allowedLatenessMs);
    this.findNext();
    this.count();
  }

  private fireEarly(output: OperatorOutput): void {
    const { groups, panes, watermarkMs } = this;
    const { allowedLatenessMs } = this.settings;
    const firing = { early: true, fromMs: watermarkMs, toMs: watermarkMs, allowedLatenessMs };
    const results = mergePanes(groups, panes, this.settings.output, firing);
    if (results !== undefined) this.outlet.give(results, output);
    groups.touched.fill(0, 0, groups.size);
    this.count();
  }

  /** Panes with a window that has come out are no longer dirty; those whose windows are all closed go. */
  private settle(): void {
    const { groups, panes, watermarkMs } = this;
    const firstUnfiredMs = windowStart(panes, lastEnded(panes, watermarkMs)) + panes.sizeMs;
    const openFromMs = openFrom(panes, watermarkMs - this.settings.allowedLatenessMs);
    const kept: number[] = [];
    for (let group = 0; group < groups.size; group++) {
      const startMs = groups.starts[group] as number;
      if (startMs < firstUnfiredMs) groups.dirty[group] = 0;
      if (startMs >= openFromMs) kept.push(group);
    }
    groups.retain(Int32Array.from(kept));
  }

  /** The earliest time at which a window has to come out or go. */
  private findNext(): void {
    const { groups, panes, watermarkMs } = this;
    const unfired = lastEnded(panes, watermarkMs) + 1;
    const unfiredEndMs = windowStart(panes, unfired) + panes.sizeMs;
    let next = Number.POSITIVE_INFINITY;
    for (let group = 0; group < groups.size; group++) {
      const startMs = groups.starts[group] as number;
      if (groups.dirty[group] === 1) next = Math.min(next, this.firstEnd(startMs));
      else if (lastWindow(panes, startMs) >= unfired) next = Math.min(next, unfiredEndMs);
      else next = Math.min(next, this.lastEnd(startMs) + this.settings.allowedLatenessMs);
    }
    this.nextMs = next;
  }

  private firstEnd(paneStartMs: number): number {
    return windowStart(this.panes, firstWindow(this.panes, paneStartMs)) + this.panes.sizeMs;
  }

  private lastEnd(paneStartMs: number): number {
    return windowStart(this.panes, lastWindow(this.panes, paneStartMs)) + this.panes.sizeMs;
  }

  private count(): void {
    this.stats.stateEntries = this.groups.size;
    this.stats.stateBytes = this.groups.bytes + (this.outlet.shown?.bytes ?? 0);
  }
}
