/**
 * Joins two streams on keys and on times that differ within bounds.
 *
 * Algorithm: both sides share one table of keys; the rows of a key that may still find partners form a chain per side. A
 * row walks the chain of the other side, then joins its own. The watermark takes rows out when no partner can come any
 * more, and those of a preserved side that never had one come out then, in (time, side, key) order.
 * State: the rows of each side younger than watermark − bound − grace; zero again when the watermark has passed.
 * Correctness: a row is late, and goes to the late stream, when its own window (time + bound + grace) has passed; pairs
 * are complete for rows that are not. Each pair comes out once, each unmatched preserved row once. Null keys match
 * nothing: a preserved row comes out at once. The output's watermark trails the input's by the longest wait.
 * Cost per batch: one key look-up per row, one step per pair, two gathers; a scan of the state when something expires.
 */
import { type Batch, type Column, type DataType, isValid } from '@sabot/columnar';
import { createGroupTable, type GroupTable, sortRows, takeBatch } from '@sabot/columnar/kernels';
import { createOperatorStats, type Operator, type OperatorOutput, readTimesMs } from '@sabot/stream';
import type { Signal } from '@sabot/stream/ports';
import type { JoinStats } from '../join-stats.js';
import { type IntervalOutput, joinedBatch, type MatchedRows } from './interval-output.js';
import { restoreSides, snapshotSides } from './interval-snapshot.js';
import { JoinSide } from './join-side.js';

export const LEFT = 0;
export const RIGHT = 1;

export interface IntervalPlan {
  readonly schemas: readonly [left: Batch['schema'], right: Batch['schema']];
  readonly keys: readonly [left: readonly number[], right: readonly number[]];
  readonly keyTypes: readonly DataType[];
  readonly timeColumns: readonly [left: string, right: string];
  /** right time − left time must lie in [lowerMs, upperMs]. */
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly graceMs: number;
  readonly preserves: readonly [left: boolean, right: boolean];
  readonly output: IntervalOutput;
}

type IntervalStats = { -readonly [N in keyof JoinStats]: JoinStats[N] };

class IntervalJoin implements Operator {
  readonly forwardsWatermarks = true;
  readonly stats: IntervalStats = {
    ...createOperatorStats(),
    operations: 0,
    matchedRows: 0,
    unmatchedRows: 0,
    buildRows: 0,
    buildBytes: 0,
    hits: new Float64Array(0),
  };
  private readonly plan: IntervalPlan;
  private readonly groups: GroupTable;
  private readonly sides: readonly [JoinSide, JoinSide];
  /** How long a row of each side waits for partners, grace included. */
  private readonly waitsMs: readonly [number, number];
  private watermarkMs = Number.NEGATIVE_INFINITY;

  constructor(plan: IntervalPlan) {
    this.plan = plan;
    this.groups = createGroupTable(plan.keyTypes);
    this.sides = [new JoinSide(plan.schemas[LEFT]), new JoinSide(plan.schemas[RIGHT])];
    this.waitsMs = [plan.upperMs + plan.graceMs, plan.graceMs - plan.lowerMs];
  }

  open(): void {
    // State comes with `restore`.
  }

  process(batch: Batch, input: number, output: OperatorOutput): void {
    const side = input as 0 | 1;
    const times = readTimesMs(batch, this.plan.timeColumns[side]);
    const { onTime, keyed } = this.sort(batch, side, times);
    this.stats.operations++;
    this.putLate(batch, side, onTime, output);
    const matched = this.match(batch, side, times, keyed);
    if (matched.count > 0) output.emit(joinedBatch(this.plan.output, matched));
    this.stats.unmatchedRows += onTime.length - keyed.length;
    if (this.plan.preserves[side] && keyed.length < onTime.length) this.putNullKeys(batch, side, times, onTime, output);
    this.measure();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind === 'idle') output.signal(signal);
    if (signal.kind !== 'watermark') return;
    this.watermarkMs = signal.timeMs;
    this.expire(output);
    // Rows that come out later may be this much older than the watermark.
    const trailMs = Math.max(0, this.waitsMs[LEFT], this.waitsMs[RIGHT]);
    const timeMs = before(signal.timeMs, trailMs);
    if (timeMs > Number.NEGATIVE_INFINITY) output.signal({ kind: 'watermark', timeMs });
  }

  snapshot(): Uint8Array {
    return snapshotSides(this.sides, this.watermarkMs);
  }

  restore(bytes: Uint8Array): void {
    const { watermarkMs, sides } = restoreSides(bytes, this.plan.schemas);
    this.watermarkMs = watermarkMs;
    this.rebuild(sides);
    this.measure();
  }

  close(): void {
    for (const side of this.sides) side.clear();
  }

  /** The rows whose window is open, and of them those with a whole key. */
  private sort(batch: Batch, side: 0 | 1, times: Float64Array): { onTime: Int32Array; keyed: Int32Array } {
    const keys = this.keyColumns(batch, side);
    const noNulls = keys.every(({ nullCount }) => nullCount === 0);
    const onTime = new Int32Array(batch.numRows);
    const keyed = new Int32Array(batch.numRows);
    let onTimeCount = 0;
    let keyedCount = 0;
    for (let row = 0; row < batch.numRows; row++) {
      if (times[row]! + this.waitsMs[side] <= this.watermarkMs) continue;
      onTime[onTimeCount++] = row;
      if (noNulls || keys.every((key) => isValid(key, row))) keyed[keyedCount++] = row;
    }
    return { onTime: onTime.subarray(0, onTimeCount), keyed: keyed.subarray(0, keyedCount) };
  }

  private match(batch: Batch, side: 0 | 1, times: Float64Array, keyed: Int32Array): MatchedRows {
    const own = this.sides[side];
    const other = this.sides[side === LEFT ? RIGHT : LEFT];
    const groups = this.groups.assign(this.keyColumns(batch, side), batch.numRows, keyed);
    const rows: number[] = [];
    const partners: number[] = [];
    const pairTimes: number[] = [];
    if (keyed.length > 0) own.open(batch);
    for (let i = 0; i < keyed.length; i++) {
      const row = keyed[i]!;
      const timeMs = times[row]!;
      const before = rows.length;
      for (let entry = other.first(groups[i]!); entry >= 0; entry = other.next(entry)) {
        const partnerMs = other.timeOf(entry);
        if (!this.inBounds(side, timeMs, partnerMs)) continue;
        if (!other.isMatched(entry)) this.stats.matchedRows++;
        other.markMatched(entry);
        rows.push(row);
        partners.push(entry);
        pairTimes.push(Math.max(timeMs, partnerMs));
      }
      const found = rows.length > before;
      if (found) this.stats.matchedRows++;
      own.add(row, timeMs, groups[i]!, found);
    }
    const mine = takeBatch(batch, Int32Array.from(rows));
    const theirs = rows.length === 0 ? undefined : other.gather(partners);
    const all = Int32Array.from(rows, (_, i) => i);
    const [left, right] = side === LEFT ? [mine, theirs] : [theirs, mine];
    return { left, right, leftRows: all, rightRows: all, times: pairTimes, count: rows.length };
  }

  private inBounds(side: 0 | 1, timeMs: number, partnerMs: number): boolean {
    const difference = side === LEFT ? partnerMs - timeMs : timeMs - partnerMs;
    return difference >= this.plan.lowerMs && difference <= this.plan.upperMs;
  }

  private putLate(batch: Batch, side: 0 | 1, onTime: Int32Array, output: OperatorOutput): void {
    if (onTime.length === batch.numRows) return;
    const late = rowsNotIn(batch.numRows, onTime);
    this.stats.lateRows += late.length;
    output.emit(takeBatch(batch, late), 1 + side);
  }

  private putNullKeys(
    batch: Batch,
    side: 0 | 1,
    times: Float64Array,
    onTime: Int32Array,
    output: OperatorOutput,
  ): void {
    const keys = this.keyColumns(batch, side);
    const rows = onTime.filter((row) => !keys.every((key) => isValid(key, row)));
    const alone = takeBatch(batch, rows);
    const order = Array.from(rows, (row, index) => ({ side, index, timeMs: times[row]! }));
    this.putAlone(side === LEFT ? [alone, undefined] : [undefined, alone], order, output);
  }

  private expire(output: OperatorOutput): void {
    const [left, right] = this.sides;
    const expired = [
      left.expire(before(this.watermarkMs, this.waitsMs[LEFT])),
      right.expire(before(this.watermarkMs, this.waitsMs[RIGHT])),
    ] as const;
    this.stats.unmatchedRows += expired[LEFT].length + expired[RIGHT].length;
    const alone = [LEFT, RIGHT].flatMap((side) =>
      this.plan.preserves[side as 0 | 1]
        ? expired[side as 0 | 1].map((entry, index) => ({
            side: side as 0 | 1,
            index,
            timeMs: this.sides[side as 0 | 1].timeOf(entry),
            group: this.sides[side as 0 | 1].groupOf(entry),
          }))
        : [],
    );
    if (alone.length > 0) {
      const rank = this.keyRanks(alone.map(({ group }) => group));
      alone.sort((a, b) => a.timeMs - b.timeMs || a.side - b.side || rank.get(a.group)! - rank.get(b.group)!);
      this.putAlone([this.rowsOf(LEFT, expired), this.rowsOf(RIGHT, expired)], alone, output);
    }
    if (left.wasteful || right.wasteful) this.rebuild([left.liveRows(), right.liveRows()]);
    this.measure();
  }

  private rowsOf(side: 0 | 1, expired: readonly [readonly number[], readonly number[]]): Batch | undefined {
    const entries = expired[side];
    return entries.length === 0 || !this.plan.preserves[side] ? undefined : this.sides[side].gather(entries);
  }

  /** Position of each key among those given, in key order. */
  private keyRanks(groups: readonly number[]): ReadonlyMap<number, number> {
    const distinct = [...new Set(groups)];
    const columns = this.groups.keys(Int32Array.from(distinct));
    const sorted = sortRows(columns, [], distinct.length);
    return new Map(Array.from(sorted, (position, rank) => [distinct[position]!, rank]));
  }

  private putAlone(
    batches: readonly [Batch | undefined, Batch | undefined],
    order: readonly { readonly side: 0 | 1; readonly index: number; readonly timeMs: number }[],
    output: OperatorOutput,
  ): void {
    const rowsOfSide = (side: 0 | 1) => Int32Array.from(order, (one) => (one.side === side ? one.index : -1));
    output.emit(
      joinedBatch(this.plan.output, {
        left: batches[LEFT],
        right: batches[RIGHT],
        leftRows: rowsOfSide(LEFT),
        rightRows: rowsOfSide(RIGHT),
        times: order.map(({ timeMs }) => timeMs),
        count: order.length,
      }),
    );
  }

  /** Numbers keys and rows anew, from what is still alive. */
  private rebuild(contents: readonly [LiveRows, LiveRows]): void {
    this.groups.clear();
    for (const side of [LEFT, RIGHT] as const) {
      const { batch, matched } = contents[side];
      this.sides[side].clear();
      if (batch.numRows === 0) continue;
      const groups = this.groups.assign(this.keyColumns(batch, side), batch.numRows);
      const times = readTimesMs(batch, this.plan.timeColumns[side]);
      this.sides[side].open(batch);
      for (let row = 0; row < batch.numRows; row++) this.sides[side].add(row, times[row]!, groups[row]!, matched[row]!);
    }
  }

  private keyColumns(batch: Batch, side: 0 | 1): readonly Column[] {
    return this.plan.keys[side].map((position) => batch.columns[position]!);
  }

  private measure(): void {
    const { stats, sides } = this;
    stats.stateEntries = stats.buildRows = sides[LEFT].live + sides[RIGHT].live;
    stats.stateBytes = stats.buildBytes = sides[LEFT].bytes + sides[RIGHT].bytes + this.groups.bytes;
  }
}

type LiveRows = ReturnType<JoinSide['liveRows']>;

/** A time so much earlier; the end of time stays the end of time, however long the wait. */
function before(timeMs: number, waitMs: number): number {
  return timeMs === Number.POSITIVE_INFINITY ? timeMs : timeMs - waitMs;
}

function rowsNotIn(numRows: number, rows: Int32Array): Int32Array {
  const missing = new Int32Array(numRows - rows.length);
  let count = 0;
  let at = 0;
  for (let row = 0; row < numRows; row++) {
    if (rows[at] === row) at++;
    else missing[count++] = row;
  }
  return missing;
}

/** A fresh operator for a described join. */
export function createIntervalOperator(plan: IntervalPlan): Operator {
  return new IntervalJoin(plan);
}
