/**
 * Lets the first row of each key through, for ever or within a time.
 *
 * Algorithm: one vectorised group-by per batch numbers the keys; a row of a new number goes out. With a time bound, each
 * key also has the time of the row that went out last: rows less than `withinMs` away from it, on either side, are
 * duplicates; later ones go out.
 * State: one entry per key; with a time bound until the watermark has passed its row by twice the bound, else for ever.
 * Correctness: rows keep their order. A row that is `withinMs` or more behind the watermark, or behind the row of its key
 * that went out last, is late and goes to port 1: whether it is a duplicate can no longer be told.
 * Cost per batch: one pass of hashing and one of comparing; a pass over the keys when some may be forgotten.
 */
import type { Batch, Column, Schema } from '@sabot/columnar';
import { createGroupTable, filterBatch, type GroupTable, takeBatch } from '@sabot/columnar/kernels';
import { streamErrors } from '../../errors.js';
import type { OperatorSpec } from '../../plan/operator-spec.js';
import type { Operator, OperatorOutput } from '../../ports/operator.js';
import type { Signal } from '../../ports/signal.js';
import { readTimesMs } from '../../time/event-time.js';
import { requireWholeMs } from '../../time/window-spec.js';
import { joinBytes, splitBytes } from '../framed-bytes.js';
import { dropLateRows, LATE_PORT } from '../late-rows.js';
import { createOperatorStats } from '../operator-stats.js';

export interface DeduplicateDescription {
  readonly name: string | undefined;
  readonly input: Schema;
  readonly keys: readonly string[];
  readonly withinMs: number | undefined;
  readonly eventTime: string | undefined;
}

/** The operator spec; side output `late` when there is a time bound. */
export function deduplicateSpec({ name, input, keys, withinMs, eventTime }: DeduplicateDescription): OperatorSpec {
  if (withinMs !== undefined) requireWholeMs('withinMs', withinMs, 1);
  if (withinMs !== undefined && eventTime === undefined) {
    throw streamErrors.error('EVENT_TIME_MISSING', {
      what: `cannot deduplicate the stream by ${keys.join(', ')} within ${withinMs} ms`,
      why: 'it has no event-time column (any more)',
    });
  }
  return {
    kind: 'deduplicate',
    ...(name === undefined ? {} : { name }),
    schema: input,
    ...(withinMs === undefined ? {} : { sideOutputs: { late: input } }),
    distribution: { keyedBy: [keys] },
    describe: `by ${keys.join(', ')}${withinMs === undefined ? '' : ` within ${withinMs} ms`}`,
    create: () =>
      withinMs === undefined
        ? new FirstRows(input, keys)
        : new FirstRowsWithin(input, keys, withinMs, eventTime as string),
  };
}

const keyTypes = (input: Schema, keys: readonly string[]) => keys.map((key) => input.fields[key] as Column['type']);

class FirstRows implements Operator {
  readonly stats = createOperatorStats();
  private readonly keys: readonly string[];
  private readonly seen: GroupTable;

  constructor(input: Schema, keys: readonly string[]) {
    this.keys = keys;
    this.seen = createGroupTable(keyTypes(input, keys));
  }

  open(): void {
    // There is nothing to open.
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    let next = this.seen.size;
    const groups = this.seen.assign(
      this.keys.map((key) => batch.column(key)),
      batch.numRows,
    );
    const passed = new Int32Array(this.seen.size - next);
    let count = 0;
    // New keys are numbered in the order of their first rows.
    for (let row = 0; row < batch.numRows && count < passed.length; row++) {
      if (groups[row] !== next) continue;
      passed[count++] = row;
      next++;
    }
    output.emit(filterBatch(batch, passed, count));
    this.count();
  }

  onSignal(): void {
    // Every row has gone out with its batch.
  }

  snapshot(): Uint8Array {
    return this.seen.snapshot();
  }

  restore(bytes: Uint8Array): void {
    this.seen.restore(bytes.slice());
    this.count();
  }

  close(): void {
    this.seen.clear();
  }

  private count(): void {
    this.stats.stateEntries = this.seen.size;
    this.stats.stateBytes = this.seen.size === 0 ? 0 : this.seen.bytes;
  }
}

class FirstRowsWithin implements Operator {
  readonly stats = createOperatorStats();
  private readonly keys: readonly string[];
  private readonly withinMs: number;
  private readonly eventTime: string;
  private readonly seen: GroupTable;
  /** By group: when its last row that went out happened; -Infinity for none. */
  private passedAt = new Float64Array(256);
  private watermarkMs = Number.NEGATIVE_INFINITY;
  private forgetAtMs = Number.POSITIVE_INFINITY;
  private times: Float64Array = new Float64Array(0);

  constructor(input: Schema, keys: readonly string[], withinMs: number, eventTime: string) {
    this.keys = keys;
    this.withinMs = withinMs;
    this.eventTime = eventTime;
    this.seen = createGroupTable(keyTypes(input, keys));
  }

  open(): void {
    // There is nothing to open.
  }

  process(batch: Batch, _input: number, output: OperatorOutput): void {
    this.times = readTimesMs(batch, this.eventTime, this.times);
    const selection = this.inTime(batch, output);
    const known = this.seen.size;
    const groups = this.seen.assign(
      this.keys.map((key) => batch.column(key)),
      batch.numRows,
      selection,
    );
    this.reserve(this.seen.size);
    this.passedAt.fill(Number.NEGATIVE_INFINITY, known, this.seen.size);
    this.distribute(batch, selection, groups, output);
    this.count();
  }

  onSignal(signal: Signal): void {
    if (signal.kind !== 'watermark' || signal.timeMs <= this.watermarkMs) return;
    this.watermarkMs = signal.timeMs;
    if (this.forgetAtMs <= signal.timeMs) this.forget();
  }

  snapshot(): Uint8Array {
    const times = this.passedAt.slice(0, this.seen.size);
    const head = new Uint8Array(new Float64Array([this.watermarkMs]).buffer);
    return joinBytes([head, new Uint8Array(times.buffer), this.seen.snapshot()]);
  }

  restore(bytes: Uint8Array): void {
    const [head, times, seen] = splitBytes(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    this.watermarkMs = new Float64Array(head.slice().buffer)[0] as number;
    this.seen.restore(seen);
    this.reserve(this.seen.size);
    this.passedAt.set(new Float64Array(times.slice().buffer));
    this.findNext();
    this.count();
  }

  close(): void {
    this.seen.clear();
  }

  private inTime(batch: Batch, output: OperatorOutput): Int32Array | null {
    const openFromMs = this.watermarkMs - this.withinMs;
    const isLate = new Uint8Array(batch.numRows);
    let late = 0;
    for (let row = 0; row < batch.numRows; row++) {
      if ((this.times[row] as number) > openFromMs) continue;
      isLate[row] = 1;
      late++;
    }
    return late === 0 ? null : dropLateRows(batch, isLate, late, this.stats, output);
  }

  private distribute(batch: Batch, selection: Int32Array | null, groups: Int32Array, output: OperatorOutput): void {
    const numRows = selection?.length ?? batch.numRows;
    const passed = new Int32Array(numRows);
    const late = new Int32Array(numRows);
    let passing = 0;
    let lagging = 0;
    for (let i = 0; i < numRows; i++) {
      const row = selection === null ? i : (selection[i] as number);
      const group = groups[i] as number;
      const timeMs = this.times[row] as number;
      const sinceMs = timeMs - (this.passedAt[group] as number);
      if (sinceMs <= -this.withinMs) late[lagging++] = row;
      if (sinceMs < this.withinMs) continue;
      this.passedAt[group] = timeMs;
      this.forgetAtMs = Math.min(this.forgetAtMs, timeMs + 2 * this.withinMs);
      passed[passing++] = row;
    }
    output.emit(filterBatch(batch, passed, passing));
    if (lagging === 0) return;
    this.stats.lateRows += lagging;
    output.emit(takeBatch(batch, late, lagging), LATE_PORT);
  }

  private forget(): void {
    const keepAfterMs = this.watermarkMs - 2 * this.withinMs;
    const kept: number[] = [];
    for (let group = 0; group < this.seen.size; group++) {
      if ((this.passedAt[group] as number) <= keepAfterMs) continue;
      this.passedAt[kept.length] = this.passedAt[group] as number;
      kept.push(group);
    }
    this.seen.retain(Int32Array.from(kept));
    this.findNext();
    this.count();
  }

  private findNext(): void {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (let group = 0; group < this.seen.size; group++) {
      earliestMs = Math.min(earliestMs, this.passedAt[group] as number);
    }
    this.forgetAtMs = earliestMs + 2 * this.withinMs;
  }

  private reserve(size: number): void {
    if (size <= this.passedAt.length) return;
    const grown = new Float64Array(Math.max(size, this.passedAt.length * 2));
    grown.set(this.passedAt);
    this.passedAt = grown;
  }

  private count(): void {
    this.stats.stateEntries = this.seen.size;
    this.stats.stateBytes = this.seen.size === 0 ? 0 : this.seen.bytes + 8 * this.seen.size;
  }
}
