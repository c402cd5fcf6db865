import { type Batch, emptyBatch, sliceBatch } from '@sabot/columnar';
import type { Operator, OperatorContext, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { readTimesMs } from '../time/event-time.js';
import type { SessionWindow } from '../time/window-spec.js';
import { EarlyFirings } from './early-firings.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { dropLateRows } from './late-rows.js';
import { OpenSessions } from './open-sessions.js';
import { createOperatorStats } from './operator-stats.js';
import { SessionKeys } from './session-keys.js';
import { windowColumn } from './window-columns.js';
import type { WindowFold } from './window-fold.js';
import { WindowOutlet } from './window-outlet.js';
import { inTimeOrder, windowResults } from './window-results.js';
import type { WindowSettings } from './window-settings.js';

/** Dead numbers are kept until there are more of them than of the living, and at least so many. */
const MIN_GARBAGE = 64;

/**
 * Computes per key and session.
 *
 * Algorithm: one vectorised group-by per batch numbers the keys, one pass over the rows finds or begins their sessions,
 * and the accumulators take the rows by session. Sessions that rows of the batch have bridged are merged first.
 * State: one entry per open session, until end + allowed lateness; then none. Renumbering is put off until half of the
 * numbers are dead, so its cost per session is constant.
 * Correctness: rows count one after another, however they are cut into batches. A row that touches an open session
 * belongs to it; one that touches none is late, and goes to port 1, when its time + gap + allowed lateness ≤ watermark.
 * A session comes out when its end ≤ watermark, and again, whole, when rows have come to it since; of two sessions that
 * had come out and were bridged, the one that they became comes out.
 * Cost per batch: two passes over the rows plus one per aggregate; per firing, one pass over the open sessions.
 */
export function createSessionAggregate(settings: WindowSettings<SessionWindow>): Operator {
  return new SessionAggregate(settings);
}

class SessionAggregate implements Operator {
  readonly stats = createOperatorStats();
  private readonly settings: WindowSettings<SessionWindow>;
  private readonly everyRows: number;
  private readonly outlet: WindowOutlet;
  private readonly early: EarlyFirings;
  private readonly keys: SessionKeys;
  private readonly sessions: OpenSessions;
  private readonly fold: WindowFold;
  private watermarkMs = Number.NEGATIVE_INFINITY;
  /** No session comes out or goes before this. */
  private nextMs = Number.POSITIVE_INFINITY;
  private times: Float64Array = new Float64Array(0);

  constructor(settings: WindowSettings<SessionWindow>) {
    this.settings = settings;
    this.everyRows =
      settings.early !== undefined && 'everyRows' in settings.early ? settings.early.everyRows : Infinity;
    this.keys = new SessionKeys(settings.computation.inputSchema, settings.keys);
    this.outlet = new WindowOutlet(settings, this.stats);
    this.early = new EarlyFirings(settings.early, (output) => this.fireEarly(output));
    this.sessions = new OpenSessions(settings.window.gapMs);
    this.fold = settings.computation.create();
  }

  open(context: OperatorContext): void {
    this.early.open(context);
    this.count();
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    if (this.everyRows < Number.POSITIVE_INFINITY || this.settings.late === 'per-row') {
      // A row may bridge sessions and so complete a number of rows: it has to be taken in before the next is looked at.
      for (let row = 0; row < batch.numRows; row++) this.addRow(sliceBatch(batch, row, row + 1), output);
    } else {
      this.add(batch, output);
    }
    this.early.expect();
    this.tidy();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind !== 'watermark' || signal.timeMs <= this.watermarkMs) return;
    this.watermarkMs = signal.timeMs;
    if (this.nextMs <= signal.timeMs) this.fire(output);
  }

  snapshot(): Uint8Array {
    this.renumber();
    const head = new Uint8Array(new Float64Array([this.watermarkMs]).buffer);
    const { sessions, keys, fold, outlet } = this;
    return joinBytes([head, sessions.snapshot(), keys.snapshot(), fold.snapshot(), outlet.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const parts = splitBytes(bytes);
    const [head, sessions, keys, fold] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const shown = parts[4] as Uint8Array;
    this.watermarkMs = new Float64Array(head.slice().buffer)[0] as number;
    this.sessions.restore(sessions);
    this.keys.restore(keys);
    this.fold.restore(fold);
    if (shown.length > 0) this.outlet.restore(shown);
    if (this.sessions.live > 0) this.early.expect();
    this.findNext();
    this.count();
  }

  close(): void {
    this.keys.clear();
    this.fold.clear();
  }

  /** The sessions of the rows of a batch, by row; of late rows −1. */
  private add(batch: Batch, output: OperatorOutput): Int32Array {
    const { numRows } = batch;
    const known = this.sessions.size;
    // The surface gives windows of event time only to streams that have it.
    this.times = readTimesMs(batch, this.settings.eventTime as string, this.times);
    // The table's own array is ours until its next call: numbers of keys become numbers of sessions.
    const numbers = this.keys.assign(batch);
    const late = this.placeRows(numbers, numRows);
    const selection = late === 0 ? null : this.dropLate(batch, numbers, late, output);
    this.withdraw(output);
    this.mergeBridged(known);
    const ids = selection === null ? numbers.subarray(0, numRows) : selection.map((row) => numbers[row] as number);
    for (let i = 0; i < ids.length; i++) ids[i] = this.sessions.rootOf(ids[i] as number);
    this.fold.update(ids, this.sessions.size, batch, selection);
    return ids;
  }

  private addRow(row: Batch, output: OperatorOutput): void {
    const [session] = this.add(row, output);
    if (session === undefined) return;
    const { sessions } = this;
    const ended = (sessions.ends[session] as number) <= this.watermarkMs;
    if (ended ? this.settings.late !== 'per-row' : (sessions.rows[session] as number) < this.everyRows) return;
    this.emit(Int32Array.of(session), output);
    this.settle([session], ended);
  }

  /** Results whose sessions have other bounds by now are taken back, if results are changes. */
  private withdraw(output: OperatorOutput): void {
    const gone = this.sessions.takeWithdrawn();
    const { shown } = this.outlet;
    if (gone.length === 0 || shown === undefined) return;
    const bounds = [gone.map(({ startMs }) => startMs), gone.map(({ endMs }) => endMs)];
    const columns = bounds.map((timesMs) => windowColumn(Float64Array.from(timesMs), gone.length));
    const keys = this.keys.columns(Int32Array.from(gone, ({ key }) => key));
    output.emit(shown.withdraw([...keys, ...columns], gone.length));
  }

  /** Turns numbers of keys into numbers of sessions, −1 for late rows; returns how many are late. */
  private placeRows(numbers: Int32Array, numRows: number): number {
    const { sessions, times, settings } = this;
    const closedMs = this.watermarkMs - settings.allowedLatenessMs;
    sessions.reserveKeys(this.keys.size);
    let late = 0;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (let row = 0; row < numRows; row++) {
      const session = sessions.add(numbers[row] as number, times[row] as number, closedMs);
      numbers[row] = session;
      if (session < 0) late++;
      else if ((sessions.ends[session] as number) < earliestMs) earliestMs = sessions.ends[session] as number;
    }
    if (earliestMs < this.nextMs) this.nextMs = earliestMs;
    return late;
  }

  private dropLate(batch: Batch, numbers: Int32Array, late: number, output: OperatorOutput): Int32Array {
    const isLate = new Uint8Array(batch.numRows);
    for (let row = 0; row < batch.numRows; row++) if ((numbers[row] as number) < 0) isLate[row] = 1;
    return dropLateRows(batch, isLate, late, this.stats, output);
  }

  /** Merges what the fold holds of sessions that have become part of others since the batch began. */
  private mergeBridged(known: number): void {
    const { sessions, fold } = this;
    let mapping: Int32Array | undefined;
    for (const session of sessions.takeBridged()) {
      // Renewed sessions without rows are not known to the fold.
      if (session >= known || session >= fold.numGroups) continue;
      mapping ??= new Int32Array(fold.numGroups).fill(-1);
      mapping[session] = sessions.rootOf(session);
    }
    if (mapping !== undefined) fold.merge(fold, mapping, sessions.size);
  }

  private fire(output: OperatorOutput): void {
    const { sessions, watermarkMs } = this;
    const due: number[] = [];
    const gone: number[] = [];
    for (let session = 0; session < sessions.size; session++) {
      if (!sessions.isLive(session)) continue;
      const endMs = sessions.ends[session] as number;
      if (endMs <= watermarkMs && sessions.dirty[session] === 1) due.push(session);
      if (endMs + this.settings.allowedLatenessMs <= watermarkMs) gone.push(session);
    }
    if (due.length > 0) this.emit(Int32Array.from(due), output);
    for (const session of gone) sessions.close(session);
    this.settle(due, true);
    this.outlet.expire(watermarkMs - this.settings.allowedLatenessMs);
    this.findNext();
    this.tidy();
  }

  private fireEarly(output: OperatorOutput): void {
    const { sessions, watermarkMs } = this;
    const due: number[] = [];
    for (let session = 0; session < sessions.size; session++) {
      const open = sessions.isLive(session) && (sessions.ends[session] as number) > watermarkMs;
      if (open && sessions.touched[session] === 1) due.push(session);
    }
    if (due.length > 0) this.emit(Int32Array.from(due), output);
    this.settle(due, false);
    this.tidy();
  }

  /** Sessions have come out, at their end or before; those that are closed already need nothing more. */
  private settle(due: readonly number[], ended: boolean): void {
    const { sessions } = this;
    for (const session of due) {
      sessions.touched[session] = 0;
      sessions.rows[session] = 0;
      sessions.shown[session] = 1;
      if (ended) sessions.dirty[session] = 0;
      if (this.settings.results === 'discarding' && sessions.isLive(session)) sessions.renew(session);
    }
  }

  private emit(due: Int32Array, output: OperatorOutput): void {
    const { sessions } = this;
    const groups = inTimeOrder(due, sessions.ends);
    const startsMs = Float64Array.from(groups, (session) => sessions.starts[session] as number);
    const endsMs = Float64Array.from(groups, (session) => sessions.ends[session] as number);
    const keys = this.keys.columns(groups.map((session) => sessions.keys[session] as number));
    this.outlet.give(windowResults(this.settings.output, { groups, startsMs, endsMs }, keys, this.fold), output);
  }

  private findNext(): void {
    const { sessions } = this;
    let nextMs = Number.POSITIVE_INFINITY;
    for (let session = 0; session < sessions.size; session++) {
      if (!sessions.isLive(session)) continue;
      const endMs = sessions.ends[session] as number;
      nextMs = Math.min(nextMs, sessions.dirty[session] === 1 ? endMs : endMs + this.settings.allowedLatenessMs);
    }
    this.nextMs = nextMs;
  }

  private tidy(): void {
    const { sessions, keys } = this;
    const numbers = Math.max(sessions.size, this.settings.keys.length === 0 ? 0 : keys.size);
    if (sessions.live === 0 || numbers - sessions.live > Math.max(MIN_GARBAGE, sessions.live)) this.renumber();
    this.count();
  }

  private renumber(): void {
    const { sessions, keys, fold } = this;
    if (sessions.size === 0 && keys.size === 0) return;
    const kept = sessions.renumber();
    keys.retain(kept.keys);
    // A renewed session to which no row has come is not known to the fold yet.
    const last = kept.sessions.at(-1) ?? -1;
    if (last >= fold.numGroups)
      fold.update(new Int32Array(0), last + 1, emptyBatch(this.settings.computation.inputSchema));
    fold.retain(kept.sessions);
    if (kept.sessions.length > 0) return;
    keys.clear();
    fold.clear();
  }

  private count(): void {
    const { stats, sessions } = this;
    stats.stateEntries = sessions.live;
    stats.stateBytes =
      sessions.live === 0 ? 0 : this.keys.bytes + this.fold.bytes + sessions.bytes + (this.outlet.shown?.bytes ?? 0);
  }
}
