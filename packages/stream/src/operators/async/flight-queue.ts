import type { Batch, Fields, RowOf } from '@sabot/columnar';
import type { Idle, Watermark } from '../../ports/signal.js';

/** A row that has been started and has not gone out. */
export interface HeldRow {
  readonly batch: Batch;
  readonly row: number;
  readonly traceId: string | undefined;
  outcome: { readonly result: RowOf<Fields> } | { readonly error: unknown } | undefined;
}

/** Rows between two signals: only among them may the order change. */
interface Stretch {
  /** Not gone out yet, in order of arrival. */
  readonly rows: Set<HeldRow>;
  /** Settled and not gone out yet, in order of settling; not kept where rows go out in order of arrival. */
  readonly settled: HeldRow[];
  closedBy: Watermark | Idle | undefined;
}

const stretch = (): Stretch => ({ rows: new Set(), settled: [], closedBy: undefined });

/** What is in flight, and in which order it may go out. */
export class FlightQueue {
  /** Rows that have not gone out. */
  held = 0;
  /** The first error of a row that has settled. */
  failure: { readonly error: unknown } | undefined;
  private readonly ordered: boolean;
  private readonly stretches: Stretch[] = [stretch()];
  private readonly stretchOf = new Map<HeldRow, Stretch>();

  constructor(ordered: boolean) {
    this.ordered = ordered;
  }

  add(row: HeldRow): void {
    const last = this.stretches.at(-1) as Stretch;
    last.rows.add(row);
    this.stretchOf.set(row, last);
    this.held++;
  }

  /** Puts a signal behind everything that is held; it replaces one of its kind with nothing in between. */
  mark(signal: Watermark | Idle): void {
    const before = this.stretches.at(-2);
    const last = this.stretches.at(-1) as Stretch;
    if (last.rows.size === 0 && before?.closedBy?.kind === signal.kind) before.closedBy = signal;
    else {
      last.closedBy = signal;
      this.stretches.push(stretch());
    }
  }

  settle(row: HeldRow, outcome: NonNullable<HeldRow['outcome']>): void {
    row.outcome = outcome;
    if ('error' in outcome) this.failure ??= outcome;
    if (!this.ordered) this.stretchOf.get(row)?.settled.push(row);
    this.stretchOf.delete(row);
  }

  /** Whether something can go out now. */
  get settled(): boolean {
    const first = this.stretches[0] as Stretch;
    if (first.rows.size === 0) return first.closedBy !== undefined;
    return this.ready(first) !== undefined;
  }

  /** Takes what goes out next; undefined when its row has not settled. */
  next(): HeldRow | Watermark | Idle | undefined {
    const first = this.stretches[0] as Stretch;
    const ready = this.ready(first);
    if (ready !== undefined) {
      first.rows.delete(ready);
      if (!this.ordered) first.settled.shift();
      this.held--;
      return ready;
    }
    if (first.rows.size > 0 || first.closedBy === undefined) return undefined;
    this.stretches.shift();
    return first.closedBy;
  }

  private ready(first: Stretch): HeldRow | undefined {
    if (!this.ordered) return first.settled[0];
    for (const oldest of first.rows) return oldest.outcome === undefined ? undefined : oldest;
    return undefined;
  }
}
