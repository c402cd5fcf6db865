import type { MetricKind } from '../catalogue/catalogue.js';
import type { Counter, Gauge, Registration } from '../observability.js';
import type { Attributes } from '../tracing/span-record.js';
import type { Cell, CellPool } from './cell-pool.js';
import type { MeasurementLosses } from './measurement-losses.js';
import type { NumberPoint } from './snapshot.js';

/** Where handles of a removed series write: the addition stays one store, and is seen by nobody. */
const removed: Cell = { cells: new Float64Array(1), at: 0 };

/** One series of a counter, up-down counter or gauge: a float that handles add to, and functions read at collection. */
export class NumberSeries {
  readonly attributes: Attributes;
  readonly startTimeMs: number;
  readonly cell: Cell;
  owners = 0;
  private readonly kind: MetricKind;
  private readonly readers: (() => number)[] = [];
  private readonly losses: MeasurementLosses;

  constructor(
    kind: MetricKind,
    attributes: Attributes,
    startTimeMs: number,
    pool: CellPool,
    losses: MeasurementLosses,
  ) {
    this.kind = kind;
    this.attributes = attributes;
    this.startTimeMs = startTimeMs;
    this.cell = pool.take();
    this.losses = losses;
    // A gauge that was never set has no value; NaN says so.
    if (kind === 'gauge') this.cell.cells[this.cell.at] = Number.NaN;
  }

  addReader(read: () => number): void {
    this.readers.push(read);
  }

  /** Stops reading `read`; a counter keeps what it read last, so that it never goes down while others still add. */
  removeReader(read: () => number): void {
    const index = this.readers.indexOf(read);
    if (index < 0) return;
    this.readers.splice(index, 1);
    const { cells, at } = this.cell;
    if (this.kind === 'counter') cells[at] = (cells[at] as number) + (this.safeRead(read) ?? 0);
  }

  /** The series at `timeMs`; undefined when it has no value yet. */
  point(timeMs: number): NumberPoint | undefined {
    const value = this.kind === 'gauge' ? this.latest() : this.total();
    if (Number.isNaN(value)) return undefined;
    return { type: 'number', attributes: this.attributes, startTimeMs: this.startTimeMs, timeMs, value };
  }

  private total(): number {
    let total = this.cell.cells[this.cell.at] as number;
    for (const read of this.readers) total += this.safeRead(read) ?? 0;
    return total;
  }

  private latest(): number {
    const read = this.readers.at(-1);
    if (read === undefined) return this.cell.cells[this.cell.at] as number;
    return this.safeRead(read) ?? Number.NaN;
  }

  private safeRead(read: () => number): number | undefined {
    try {
      const value = read();
      if (Number.isFinite(value)) return value;
    } catch {
      // Counted like a value that is no number: collection goes on with the other series.
    }
    this.losses.failedReads++;
    return undefined;
  }
}

/** A binding of a counter series; adding is one comparison and one store. */
export class CounterHandle implements Counter, Registration {
  private cells: Float64Array;
  private at: number;
  private readonly lowest: number;
  private readonly losses: MeasurementLosses;
  private readonly release: () => void;

  constructor(cell: Cell, monotonic: boolean, losses: MeasurementLosses, release: () => void) {
    this.cells = cell.cells;
    this.at = cell.at;
    this.lowest = monotonic ? 0 : -Number.MAX_VALUE;
    this.losses = losses;
    this.release = release;
  }

  add(amount: number): void {
    if (amount >= this.lowest && amount <= Number.MAX_VALUE) {
      this.cells[this.at] = (this.cells[this.at] as number) + amount;
    } else {
      this.losses.invalid++;
    }
  }

  remove(): void {
    if (this.cells === removed.cells) return;
    this.cells = removed.cells;
    this.at = removed.at;
    this.release();
  }
}

/** A binding of a gauge series. */
export class GaugeHandle implements Gauge, Registration {
  private cells: Float64Array;
  private at: number;
  private readonly losses: MeasurementLosses;
  private readonly release: () => void;

  constructor(cell: Cell, losses: MeasurementLosses, release: () => void) {
    this.cells = cell.cells;
    this.at = cell.at;
    this.losses = losses;
    this.release = release;
  }

  set(value: number): void {
    if (Number.isFinite(value)) this.cells[this.at] = value;
    else this.losses.invalid++;
  }

  remove(): void {
    if (this.cells === removed.cells) return;
    this.cells = removed.cells;
    this.at = removed.at;
    this.release();
  }
}
