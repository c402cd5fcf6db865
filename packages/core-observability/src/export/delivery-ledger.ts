export type Signal = 'spans' | 'points' | 'logs';

/** Why something did not arrive; a closed set, so that it can be a metric's attribute. */
export type LossCause =
  | 'queue_full'
  | 'store_unwritable'
  | 'store_behind'
  | 'rejected'
  | 'unreachable'
  | 'partial_success'
  | 'spill_full'
  | 'spill_unreadable'
  | 'shutdown_deadline';

export interface Loss {
  readonly signal: Signal;
  readonly count: number;
  readonly cause: LossCause;
}

/** What one exporter delivered and lost: every item handed to it ends in exactly one of these numbers or still waits. */
export class DeliveryLedger {
  readonly accepted: Record<Signal, number> = { spans: 0, points: 0, logs: 0 };
  readonly delivered: Record<Signal, number> = { spans: 0, points: 0, logs: 0 };
  private readonly lost = new Map<LossCause, Record<Signal, number>>();
  private newCause: (signal: Signal, cause: LossCause) => void = () => undefined;

  lose(signal: Signal, count: number, cause: LossCause): void {
    if (count === 0) return;
    const counts = this.lost.get(cause) ?? { spans: 0, points: 0, logs: 0 };
    this.lost.set(cause, counts);
    const first = counts[signal] === 0;
    counts[signal] += count;
    if (first) this.newCause(signal, cause);
  }

  /** Tells of each signal and cause that loses something for the first time. */
  onNewCause(tell: (signal: Signal, cause: LossCause) => void): void {
    this.newCause = tell;
  }

  losses(): readonly Loss[] {
    const losses: Loss[] = [];
    for (const [cause, counts] of this.lost) {
      for (const signal of ['spans', 'points', 'logs'] as const) {
        if (counts[signal] > 0) losses.push({ signal, count: counts[signal], cause });
      }
    }
    return losses;
  }

  /** How many of a signal were lost, by one cause or by all. */
  lostCount(signal: Signal, cause?: LossCause): number {
    return this.losses()
      .filter((loss) => loss.signal === signal && (cause === undefined || loss.cause === cause))
      .reduce((sum, loss) => sum + loss.count, 0);
  }
}
