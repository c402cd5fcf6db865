import { type StateDescriptor, structCodec, type ValueState, valueState } from '@sabot/state';

/** Count, mean and spread of the values seen so far, per key. */
export interface RunningDeviation {
  /** Values seen. */
  readonly count: number;
  /** Their mean; NaN before the first. */
  readonly mean: number;
  /** Their population standard deviation; NaN before the first. */
  readonly standardDeviation: number;
  /**
   * How many standard deviations `value` lies above (negative: below) the mean of the values seen so far; NaN while they
   * do not differ from each other.
   */
  zScore(value: number): number;
  /** Counts a value. */
  add(value: number): void;
  clear(): void;
}

const moments = structCodec({ count: 'float64', mean: 'float64', squares: 'float64' });

/**
 * A keyed state of running mean and standard deviation, 24 bytes per key, numerically stable over any number of values.
 *
 * Source: Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962).
 *
 * @example
 * state: { history: runningDeviation() }   // ctx.state.history.zScore(row.meanDelay) > 5
 */
export function runningDeviation(): StateDescriptor<RunningDeviation> {
  const inner = valueState(moments, { initial: () => ({ count: 0, mean: 0, squares: 0 }) });
  return {
    kind: inner.kind,
    schema: `running-deviation<${inner.schema}>`,
    bind(host) {
      const bound = inner.bind(host);
      const surface = new CellDeviation(bound.surface);
      return { surface, flush: (slot) => bound.flush(slot), forget: (slot) => bound.forget(slot) };
    },
  };
}

interface Moments {
  count: number;
  mean: number;
  /** Sum of the squared distances from the mean. */
  squares: number;
}

class CellDeviation implements RunningDeviation {
  private readonly cell: ValueState<Moments, never>;
  private next = 0;
  /** One function for all calls: `update` marks the object as changed, it is changed in place. */
  private readonly step: (moments: Moments) => Moments;

  constructor(cell: ValueState<Moments, never>) {
    this.cell = cell;
    this.step = (moments) => {
      moments.count++;
      const delta = this.next - moments.mean;
      moments.mean += delta / moments.count;
      moments.squares += delta * (this.next - moments.mean);
      return moments;
    };
  }

  get count(): number {
    return this.cell.get().count;
  }

  get mean(): number {
    const { count, mean } = this.cell.get();
    return count === 0 ? Number.NaN : mean;
  }

  get standardDeviation(): number {
    const { count, squares } = this.cell.get();
    return Math.sqrt(squares / count);
  }

  zScore(value: number): number {
    const { count, mean, squares } = this.cell.get();
    return squares > 0 ? (value - mean) / Math.sqrt(squares / count) : Number.NaN;
  }

  add(value: number): void {
    this.next = value;
    this.cell.update(this.step);
  }

  clear(): void {
    this.cell.clear();
  }
}
