import type { Batch, Column } from '@sabot/columnar';
import { type Accumulators, createAccumulators, createGroupTable, type GroupTable } from '@sabot/columnar/kernels';
import type { Operator, OperatorOutput } from '../ports/operator.js';
import type { Signal } from '../ports/signal.js';
import { readTimesMs } from '../time/event-time.js';
import type { SessionWindow } from '../time/window-spec.js';
import { joinBytes, splitBytes } from './framed-bytes.js';
import { dropLateRows } from './late-rows.js';
import { OpenSessions } from './open-sessions.js';
import { createOperatorStats } from './operator-stats.js';
import type { WindowAggregateSettings } from './window-aggregate.js';
import { inTimeOrder, windowResults } from './window-results.js';

/** Dead numbers are kept until there are more of them than of the living, and at least so many. */
const MIN_GARBAGE = 64;

/**
 * Aggregates per key and session.
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
export function createSessionAggregate(settings: WindowAggregateSettings<SessionWindow>): Operator {
  return new SessionAggregate(settings);
}

class SessionAggregate implements Operator {
  readonly stats = createOperatorStats();
  private readonly settings: WindowAggregateSettings<SessionWindow>;
  private readonly keys: GroupTable;
  private readonly sessions: OpenSessions;
  private readonly accumulators: Accumulators;
  private watermarkMs = Number.NEGATIVE_INFINITY;
  /** No session comes out or goes before this. */
  private nextMs = Number.POSITIVE_INFINITY;
  private times: Float64Array = new Float64Array(0);

  constructor(settings: WindowAggregateSettings<SessionWindow>) {
    const { fields } = settings.aggregates.inputSchema;
    this.settings = settings;
    this.keys = createGroupTable(settings.keys.map((key) => fields[key] as Column['type']));
    this.sessions = new OpenSessions(settings.window.gapMs);
    this.accumulators = createAccumulators(settings.aggregates);
  }

  open(): void {
    this.count();
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    const { numRows } = batch;
    const known = this.sessions.size;
    this.times = readTimesMs(batch, this.settings.eventTime, this.times);
    const keyColumns = this.settings.keys.map((key) => batch.column(key));
    // The table's own array is ours until its next call: numbers of keys become numbers of sessions.
    const numbers = this.keys.assign(keyColumns, numRows);
    const late = this.placeRows(numbers, numRows);
    const selection = late === 0 ? null : this.dropLate(batch, numbers, late, output);
    this.mergeBridged(known);
    const ids = selection === null ? numbers : selection.map((row) => numbers[row] as number);
    for (let i = 0; i < ids.length; i++) ids[i] = this.sessions.rootOf(ids[i] as number);
    this.accumulators.update(ids, this.sessions.size, batch, selection);
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
    return joinBytes([head, this.sessions.snapshot(), this.keys.snapshot(), this.accumulators.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [head, sessions, keys, accumulators] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    this.watermarkMs = new Float64Array(head.slice().buffer)[0] as number;
    this.sessions.restore(sessions);
    this.keys.restore(keys);
    this.accumulators.restore(accumulators);
    this.findNext();
    this.count();
  }

  close(): void {
    this.keys.clear();
    this.accumulators.clear();
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

  /** Merges what the accumulators hold of sessions that have become part of others since the batch began. */
  private mergeBridged(known: number): void {
    const { sessions, accumulators } = this;
    let mapping: Int32Array | undefined;
    for (const session of sessions.takeBridged()) {
      if (session >= known) continue;
      mapping ??= new Int32Array(accumulators.numGroups).fill(-1);
      mapping[session] = sessions.rootOf(session);
    }
    if (mapping !== undefined) accumulators.merge(accumulators, mapping, sessions.size);
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
    for (const session of due) sessions.dirty[session] = 0;
    for (const session of gone) sessions.close(session);
    this.findNext();
    this.tidy();
  }

  private emit(due: Int32Array, output: OperatorOutput): void {
    const { sessions } = this;
    const groups = inTimeOrder(due, sessions.ends);
    const startsMs = Float64Array.from(groups, (session) => sessions.starts[session] as number);
    const endsMs = Float64Array.from(groups, (session) => sessions.ends[session] as number);
    const keys = this.keys.keys(groups.map((session) => sessions.keys[session] as number));
    const aggregates = this.accumulators.finish(groups);
    output.emit(windowResults(this.settings.output, { groups, startsMs, endsMs }, keys, aggregates));
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
    const numbers = Math.max(sessions.size, keys.size);
    if (sessions.live === 0 || numbers - sessions.live > Math.max(MIN_GARBAGE, sessions.live)) this.renumber();
    this.count();
  }

  private renumber(): void {
    const { sessions, keys, accumulators } = this;
    if (sessions.size === 0 && keys.size === 0) return;
    const kept = sessions.renumber();
    keys.retain(kept.keys);
    accumulators.retain(kept.sessions);
    if (kept.sessions.length > 0) return;
    keys.clear();
    accumulators.clear();
  }

  private count(): void {
    const { stats, sessions } = this;
    stats.stateEntries = sessions.live;
    stats.stateBytes = sessions.live === 0 ? 0 : this.keys.bytes + this.accumulators.bytes + sessions.bytes;
  }
}
