/**
 * Joins two streams on keys within tumbling or hopping windows.
 *
 * Algorithm: rows wait by pane; when the watermark passes the end of a window (+ grace), its rows of both sides are
 * gathered, the right ones indexed by key and probed with the left ones.
 * State: the rows of each side until the last of their windows has come out; none after that.
 * Correctness: a row is late, and goes to the late stream, when all its windows have come out. Each pair comes out once
 * per window that it shares, windows in time order. Null keys match nothing; of a preserved side they come out at once,
 * in each of their windows that is still to come. Watermarks are held back by the grace.
 * Cost: one look at each row's time when it comes; one index and one probe over the rows of each window that comes out.
 */
import { type Batch, type Column, emptyBatch, isValid } from '@sabot/columnar';
import { createHashIndex, takeBatch } from '@sabot/columnar/kernels';
import { createOperatorStats, type Operator, type OperatorOutput, readTimesMs } from '@sabot/stream';
import type { Signal } from '@sabot/stream/ports';
import type { JoinStats } from '../join-stats.js';
import type { OutputPlan } from '../output/output-plan.js';
import { restoreSides, snapshotSides } from '../state/side-snapshot.js';
import { PaneRows, type Panes } from './pane-rows.js';
import { pairsBatch, type WindowPairs } from './window-output.js';

type Side = 0 | 1;
const LEFT = 0;
const RIGHT = 1;

export interface WindowPlan {
  readonly schemas: readonly [left: Batch['schema'], right: Batch['schema']];
  readonly keys: readonly [left: readonly number[], right: readonly number[]];
  readonly timeColumns: readonly [left: string, right: string];
  readonly panes: Panes;
  readonly graceMs: number;
  readonly preserves: readonly [left: boolean, right: boolean];
  readonly columns: OutputPlan;
  /** Joined columns, then windowStart, windowEnd, windowTime. */
  readonly schema: Batch['schema'];
}

/** A fresh operator for a described join. */
export function createWindowJoin(plan: WindowPlan): Operator {
  return new WindowJoin(plan);
}

class WindowJoin implements Operator {
  readonly forwardsWatermarks = true;
  readonly stats: { -readonly [N in keyof JoinStats]: JoinStats[N] } = {
    ...createOperatorStats(),
    ...{ operations: 0, matchedRows: 0, unmatchedRows: 0, buildRows: 0, buildBytes: 0 },
    hits: new Float64Array(0),
  };
  private readonly plan: WindowPlan;
  private readonly sides: readonly [PaneRows, PaneRows];
  private watermarkMs = Number.NEGATIVE_INFINITY;

  constructor(plan: WindowPlan) {
    this.plan = plan;
    this.sides = [new PaneRows(plan.schemas[LEFT], plan.panes), new PaneRows(plan.schemas[RIGHT], plan.panes)];
  }

  open(): void {
    // State comes with `restore`.
  }

  process(batch: Batch, input: number, output: OperatorOutput): void {
    const side = input as Side;
    const times = readTimesMs(batch, this.plan.timeColumns[side]);
    const onTime = this.withoutLate(batch, side, times, output);
    this.sides[side].add(batch, times, this.withoutNullKeys(batch, side, times, onTime, output));
    this.measure();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind === 'idle') output.signal(signal);
    if (signal.kind !== 'watermark' || signal.timeMs <= this.watermarkMs) return;
    const firstStartMs = this.firstOpen();
    this.watermarkMs = signal.timeMs;
    for (const startMs of this.windowsOf(this.sides, firstStartMs, this.firstOpen())) this.join(startMs, output);
    for (const side of this.sides) side.dropBefore(this.firstOpen());
    this.measure();
    output.signal({ kind: 'watermark', timeMs: signal.timeMs - this.plan.graceMs });
  }

  snapshot(): Uint8Array {
    return snapshotSides([this.sides[LEFT].all(), this.sides[RIGHT].all()], this.watermarkMs);
  }

  restore(bytes: Uint8Array): void {
    const { watermarkMs, batches } = restoreSides(bytes, this.plan.schemas);
    this.watermarkMs = watermarkMs;
    for (const side of [LEFT, RIGHT] as const) {
      const batch = batches[side] as Batch;
      this.sides[side].clear();
      this.sides[side].add(batch, readTimesMs(batch, this.plan.timeColumns[side]), null);
    }
    this.measure();
  }

  close(): void {
    for (const side of this.sides) side.clear();
  }

  /** The start of the first window that has not come out. */
  private firstOpen(): number {
    const { sizeMs, slideMs, offsetMs } = this.plan.panes;
    const ended = Math.floor((this.watermarkMs - this.plan.graceMs - offsetMs - sizeMs) / slideMs);
    return offsetMs + (ended + 1) * slideMs;
  }

  private join(startMs: number, output: OperatorOutput): void {
    const { plan, stats } = this;
    const left = this.sides[LEFT].of(startMs);
    const right = this.sides[RIGHT].of(startMs);
    const index = createHashIndex(this.keyColumns(right, RIGHT), right.numRows);
    const keys = this.keyColumns(left, LEFT);
    const [keepsLeft, keepsRight] = plan.preserves;
    const found = keepsLeft ? index.probeLeft(keys, left.numRows) : index.probe(keys, left.numRows);
    const seen = new Uint8Array(right.numRows);
    const matched = new Uint8Array(left.numRows);
    for (let i = 0; i < found.count; i++) {
      const rightRow = found.buildRows[i] as number;
      if (rightRow < 0) continue;
      seen[rightRow] = 1;
      matched[found.probeRows[i] as number] = 1;
    }
    const partnered = sumOf(matched) + sumOf(seen);
    stats.operations++;
    stats.matchedRows += partnered;
    stats.unmatchedRows += left.numRows + right.numRows - partnered;
    const { probeRows: leftRows, buildRows: rightRows, count } = found;
    if (count > 0) this.put({ left, right, leftRows, rightRows, count, startMs }, output);
    if (keepsRight) this.putAlone(RIGHT, takeBatch(right, rowsWhere(seen, 0)), startMs, output);
  }

  private put(pairs: WindowPairs, output: OperatorOutput): void {
    const { schema, columns, panes } = this.plan;
    output.emit(pairsBatch(schema, columns, panes.sizeMs, pairs));
  }

  /** Rows without a partner, in one window. */
  private putAlone(side: Side, rows: Batch, startMs: number, output: OperatorOutput): void {
    const count = rows.numRows;
    if (count === 0) return;
    const own = Int32Array.from({ length: count }, (_, row) => row);
    const none = new Int32Array(count).fill(-1);
    const other = emptyBatch(this.plan.schemas[side === LEFT ? RIGHT : LEFT]);
    this.put(
      side === LEFT
        ? { left: rows, right: other, leftRows: own, rightRows: none, count, startMs }
        : { left: other, right: rows, leftRows: none, rightRows: own, count, startMs },
      output,
    );
  }

  /** Gives late rows out; the others, or null when that is every row. */
  private withoutLate(batch: Batch, side: Side, times: Float64Array, output: OperatorOutput): Int32Array | null {
    const openMs = this.firstOpen();
    const isLate = new Uint8Array(batch.numRows);
    let late = 0;
    for (let row = 0; row < batch.numRows; row++) {
      if ((times[row] as number) >= openMs) continue;
      isLate[row] = 1;
      late++;
    }
    if (late === 0) return null;
    this.stats.lateRows += late;
    output.emit(takeBatch(batch, rowsWhere(isLate, 1)), 1 + side);
    return rowsWhere(isLate, 0);
  }

  /** Puts rows without a whole key out if their side is preserved; the others, or null when that is every row. */
  private withoutNullKeys(
    batch: Batch,
    side: Side,
    times: Float64Array,
    selection: Int32Array | null,
    output: OperatorOutput,
  ): Int32Array | null {
    const keys = this.keyColumns(batch, side);
    if (keys.every(({ nullCount }) => nullCount === 0)) return selection;
    const chosen = selection ?? Int32Array.from({ length: batch.numRows }, (_, row) => row);
    const whole = chosen.filter((row) => keys.every((key) => isValid(key, row)));
    this.stats.unmatchedRows += chosen.length - whole.length;
    if (this.plan.preserves[side]) {
      const alone = new PaneRows(batch.schema, this.plan.panes);
      alone.add(
        batch,
        times,
        chosen.filter((row) => !keys.every((key) => isValid(key, row))),
      );
      const windows = this.windowsOf([alone], this.firstOpen(), Number.POSITIVE_INFINITY);
      for (const startMs of windows) this.putAlone(side, alone.of(startMs), startMs, output);
    }
    return whole;
  }

  /** The windows that hold some of these rows and start in [fromMs, toMs), in time order. */
  private windowsOf(sides: readonly PaneRows[], fromMs: number, toMs: number): readonly number[] {
    const { sizeMs, slideMs, offsetMs, paneMs } = this.plan.panes;
    const starts = new Set<number>();
    for (const paneStartMs of sides.flatMap((side) => [...side.starts()])) {
      const lastMs = Math.floor((paneStartMs - offsetMs) / slideMs) * slideMs + offsetMs;
      for (let startMs = lastMs; startMs + sizeMs >= paneStartMs + paneMs; startMs -= slideMs) {
        if (startMs >= fromMs && startMs < toMs) starts.add(startMs);
      }
    }
    return [...starts].sort((a, b) => a - b);
  }

  private keyColumns(batch: Batch, side: Side): readonly Column[] {
    return this.plan.keys[side].map((position) => batch.columns[position] as Column);
  }

  private measure(): void {
    const { stats, sides } = this;
    stats.stateEntries = stats.buildRows = sides[LEFT].rows + sides[RIGHT].rows;
    stats.stateBytes = stats.buildBytes = sides[LEFT].bytes + sides[RIGHT].bytes;
  }
}

function rowsWhere(flags: Uint8Array, wanted: 0 | 1): Int32Array {
  const rows = new Int32Array(flags.length);
  let count = 0;
  for (let row = 0; row < flags.length; row++) if (flags[row] === wanted) rows[count++] = row;
  return rows.subarray(0, count);
}

function sumOf(flags: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < flags.length; i++) sum += flags[i] as number;
  return sum;
}
