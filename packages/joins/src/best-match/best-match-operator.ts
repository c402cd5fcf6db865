/**
 * Finds for each left row the best right row of its key within its life, `[time, until]`.
 *
 * Algorithm: right rows wait until the watermark has reached their time: then every left row that could hold them is
 * there. They walk the lives of their key, and the best so far of each life is kept. A life ends when the watermark
 * reaches its `until`; its row comes out with the best one.
 * State: the left rows whose life has not ended, one right row for each at most (and those beaten since the last
 * clearing, as many again), and the right rows that wait for the watermark.
 * Correctness: best is the greatest (or least) value, of equals the earliest, of these the first to arrive. A left row is
 * late when its life ends at or before the watermark, a right row when its time does; a left row that comes after its own
 * time misses the right rows up to the watermark. Null keys match nothing.
 * Cost per batch: one key look-up per row and one step per life of its key; a scan of the lives when one ends.
 */
import { type Batch, type Column, emptyBatch, isValid } from '@sabot/columnar';
import { createGroupTable, type GroupTable, takeBatch } from '@sabot/columnar/kernels';
import { createOperatorStats, type Operator, type OperatorOutput, readTimesMs } from '@sabot/stream';
import type { Signal } from '@sabot/stream/ports';
import { type IntervalOutput, joinedBatch } from '../interval/interval-output.js';
import type { JoinStats } from '../join-stats.js';
import { type RestoredLives, restoreLives, snapshotLives } from './best-match-snapshot.js';
import { Lives } from './lives.js';
import { RowStore } from './row-store.js';
import { readScores } from './scores.js';
import { WaitingRows } from './waiting-rows.js';

const LEFT = 0;
const RIGHT = 1;
type Side = typeof LEFT | typeof RIGHT;

export interface BestMatchPlan {
  readonly schemas: readonly [left: Batch['schema'], right: Batch['schema']];
  readonly keys: readonly [left: readonly number[], right: readonly number[]];
  readonly keyTypes: readonly Column['type'][];
  readonly timeColumns: readonly [left: string, right: string];
  /** The left column with the last moment of each row's life. */
  readonly until: string;
  /** The right column that decides. */
  readonly by: string;
  readonly order: 'greatest' | 'least';
  /** Whether left rows without a right one come out. */
  readonly preservesLeft: boolean;
  readonly output: IntervalOutput;
}

/** A fresh operator for a described join. */
export function createBestMatch(plan: BestMatchPlan): Operator {
  return new BestMatch(plan);
}

class BestMatch implements Operator {
  readonly stats: { -readonly [N in keyof JoinStats]: JoinStats[N] } = {
    ...createOperatorStats(),
    ...{ operations: 0, matchedRows: 0, unmatchedRows: 0, buildRows: 0, buildBytes: 0 },
    hits: new Float64Array(0),
  };
  private readonly plan: BestMatchPlan;
  private readonly groups: GroupTable;
  private readonly lives = new Lives();
  private readonly leftRows: RowStore;
  private readonly bestRows: RowStore;
  private readonly waiting: WaitingRows;
  private watermarkMs = Number.NEGATIVE_INFINITY;

  constructor(plan: BestMatchPlan) {
    this.plan = plan;
    this.groups = createGroupTable(plan.keyTypes);
    this.leftRows = new RowStore(plan.schemas[LEFT]);
    this.bestRows = new RowStore(plan.schemas[RIGHT]);
    this.waiting = new WaitingRows(plan.timeColumns[RIGHT]);
  }

  open(): void {
    // State comes with `restore`.
  }

  process(batch: Batch, input: number, output: OperatorOutput): void {
    const side = input as Side;
    const column = side === LEFT ? this.plan.until : this.plan.timeColumns[RIGHT];
    const onTime = this.withoutLate(batch, side, readTimesMs(batch, column), output);
    const keyed = this.withoutNullKeys(onTime, side, output);
    this.stats.operations++;
    if (side === LEFT) this.begin(keyed);
    else this.waiting.add(keyed);
    this.measure();
  }

  onSignal(signal: Signal, output: OperatorOutput): void {
    if (signal.kind !== 'watermark' || signal.timeMs <= this.watermarkMs) return;
    this.watermarkMs = signal.timeMs;
    for (const batch of this.waiting.takeUntil(signal.timeMs)) this.match(batch);
    this.end(output);
    this.measure();
  }

  snapshot(): Uint8Array {
    const open = this.lives.openOnes();
    const best = open.map((life) => this.lives.best[life] as number);
    return snapshotLives({
      watermarkMs: this.watermarkMs,
      left: this.leftRows.gather(open),
      waiting: this.waiting.all(this.plan.schemas[RIGHT]),
      best: this.bestRows.gather(best.filter((row) => row >= 0)),
      matched: Uint8Array.from(best, (row) => (row >= 0 ? 1 : 0)),
    });
  }

  restore(bytes: Uint8Array): void {
    const restored = restoreLives(bytes, this.plan.schemas);
    this.watermarkMs = restored.watermarkMs;
    this.waiting.clear();
    if (restored.waiting.numRows > 0) this.waiting.add(restored.waiting);
    this.rebuild(restored);
    this.measure();
  }

  close(): void {
    this.groups.clear();
    this.lives.clear();
    this.leftRows.clear();
    this.bestRows.clear();
    this.waiting.clear();
  }

  private begin(batch: Batch): void {
    if (batch.numRows === 0) return;
    const groups = this.groups.assign(this.keyColumns(batch, LEFT), batch.numRows);
    const fromMs = readTimesMs(batch, this.plan.timeColumns[LEFT]);
    const untilMs = readTimesMs(batch, this.plan.until);
    this.leftRows.append(batch);
    for (let row = 0; row < batch.numRows; row++) {
      this.lives.begin(groups[row] as number, fromMs[row] as number, untilMs[row] as number);
    }
  }

  /** Lets every row try for the lives of its key; the rows that are best in the end are kept. */
  private match(batch: Batch): void {
    const { lives } = this;
    const groups = this.groups.lookup(this.keyColumns(batch, RIGHT), batch.numRows);
    const times = readTimesMs(batch, this.plan.timeColumns[RIGHT]);
    const scores = readScores(batch.column(this.plan.by), batch.numRows, this.plan.order);
    // Only what beats the best so far is written down: that becomes rare soon.
    const rowOf = new Map<number, number>();
    let matched = 0;
    for (let row = 0; row < batch.numRows; row++) {
      const timeMs = times[row] as number;
      const score = scores[row] as number;
      let found = 0;
      for (let life = lives.first(groups[row] as number); life >= 0; life = lives.next[life] as number) {
        if (timeMs < (lives.fromMs[life] as number) || timeMs > (lives.untilMs[life] as number)) continue;
        found = 1;
        const best = lives.score[life] as number;
        if (score < best || (score === best && timeMs >= (lives.bestMs[life] as number))) continue;
        lives.score[life] = score;
        lives.bestMs[life] = timeMs;
        rowOf.set(life, row);
      }
      matched += found;
    }
    this.stats.matchedRows += matched;
    this.stats.unmatchedRows += batch.numRows - matched;
    if (rowOf.size === 0) return;
    const first = this.bestRows.append(takeBatch(batch, Int32Array.from(rowOf.values())));
    let place = 0;
    for (const life of rowOf.keys()) lives.best[life] = first + place++;
  }

  private end(output: OperatorOutput): void {
    const ended = this.lives.endUntil(this.watermarkMs);
    if (ended.length === 0) return;
    const best = ended.map((life) => this.lives.best[life] as number);
    const kept = this.plan.preservesLeft ? ended : ended.filter((_, i) => (best[i] as number) >= 0);
    const matched = best.filter((row) => row >= 0);
    this.stats.unmatchedRows += ended.length - matched.length;
    if (kept.length > 0) {
      let place = 0;
      const rightRows = kept.map((life) => ((this.lives.best[life] as number) >= 0 ? place++ : -1));
      this.put(this.leftRows.gather(kept), this.bestRows.gather(matched), rightRows, output);
    }
    const wasteful = this.lives.size > 2 * this.lives.open + 64 || this.bestRows.size > 2 * this.lives.open + 64;
    if (wasteful) this.compact();
  }

  private put(left: Batch, right: Batch, rightRows: Int32Array, output: OperatorOutput): void {
    const count = left.numRows;
    const leftRows = Int32Array.from({ length: count }, (_, row) => row);
    const times = Array.from(readTimesMs(left, this.plan.until));
    output.emit(joinedBatch(this.plan.output, { left, right, leftRows, rightRows, times, count }));
  }

  /** Numbers lives and rows anew, from what is still open. */
  private compact(): void {
    const open = this.lives.openOnes();
    const best = open.map((life) => this.lives.best[life] as number);
    this.rebuild({
      left: this.leftRows.gather(open),
      best: this.bestRows.gather(best.filter((row) => row >= 0)),
      matched: Uint8Array.from(best, (row) => (row >= 0 ? 1 : 0)),
    });
  }

  private rebuild({ left, best, matched }: Pick<RestoredLives, 'left' | 'best' | 'matched'>): void {
    const { lives } = this;
    this.groups.clear();
    lives.clear();
    this.leftRows.clear();
    this.bestRows.clear();
    this.begin(left);
    if (best.numRows === 0) return;
    this.bestRows.append(best);
    const times = readTimesMs(best, this.plan.timeColumns[RIGHT]);
    const scores = readScores(best.column(this.plan.by), best.numRows, this.plan.order);
    let place = 0;
    for (let life = 0; life < lives.size; life++) {
      if (matched[life] === 0) continue;
      lives.score[life] = scores[place] as number;
      lives.bestMs[life] = times[place] as number;
      lives.best[life] = place++;
    }
  }

  private withoutLate(batch: Batch, side: Side, times: Float64Array, output: OperatorOutput): Batch {
    const isLate = (row: number): boolean => (times[row] as number) <= this.watermarkMs;
    const late = rowsWhere(batch.numRows, isLate);
    if (late.length === 0) return batch;
    this.stats.lateRows += late.length;
    output.emit(takeBatch(batch, late), 1 + side);
    return takeBatch(
      batch,
      rowsWhere(batch.numRows, (row) => !isLate(row)),
    );
  }

  private withoutNullKeys(batch: Batch, side: Side, output: OperatorOutput): Batch {
    const keys = this.keyColumns(batch, side);
    if (keys.every(({ nullCount }) => nullCount === 0)) return batch;
    const isWhole = (row: number): boolean => keys.every((key) => isValid(key, row));
    const whole = rowsWhere(batch.numRows, isWhole);
    this.stats.unmatchedRows += batch.numRows - whole.length;
    if (side === LEFT && this.plan.preservesLeft && whole.length < batch.numRows) {
      const alone = takeBatch(
        batch,
        rowsWhere(batch.numRows, (row) => !isWhole(row)),
      );
      this.put(alone, emptyBatch(this.plan.schemas[RIGHT]), new Int32Array(alone.numRows).fill(-1), output);
    }
    return takeBatch(batch, whole);
  }

  private keyColumns(batch: Batch, side: Side): readonly Column[] {
    return this.plan.keys[side].map((position) => batch.columns[position] as Column);
  }

  private measure(): void {
    const { stats, lives, waiting } = this;
    stats.stateEntries = stats.buildRows = lives.open + waiting.rows;
    const held = lives.open === 0 ? 0 : this.leftRows.bytes + this.bestRows.bytes + this.groups.bytes;
    stats.stateBytes = stats.buildBytes = held + waiting.bytes;
  }
}

function rowsWhere(numRows: number, holds: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(numRows);
  let count = 0;
  for (let row = 0; row < numRows; row++) if (holds(row)) rows[count++] = row;
  return rows.subarray(0, count);
}
