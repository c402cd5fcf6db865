import type { MetricSnapshot } from './snapshot.js';

/** Last values kept for a reader that does not come; older ones are given up and counted. */
const MAX_DEPARTED = 10_000;

/** One exporter's view of the metrics. */
export class MetricReader {
  /** Last values given up because nobody collected them. */
  lostPoints = 0;
  private pending: MetricSnapshot[] = [];
  private readonly collectLive: () => readonly MetricSnapshot[];
  private readonly unsubscribe: () => void;

  constructor(collectLive: () => readonly MetricSnapshot[], unsubscribe: () => void) {
    this.collectLive = collectLive;
    this.unsubscribe = unsubscribe;
  }

  departed(snapshot: MetricSnapshot): void {
    if (this.pending.length === MAX_DEPARTED) {
      this.pending.shift();
      this.lostPoints++;
    }
    this.pending.push(snapshot);
  }

  /** Every live series, and the last value of those that disappeared since the previous collection. */
  collect(): readonly MetricSnapshot[] {
    const live = this.collectLive();
    const { pending } = this;
    if (pending.length === 0) return live;
    this.pending = [];
    return mergeByMetric([...pending, ...live]);
  }

  close(): void {
    this.unsubscribe();
  }
}

function mergeByMetric(snapshots: readonly MetricSnapshot[]): readonly MetricSnapshot[] {
  const merged = new Map<string, MetricSnapshot>();
  for (const snapshot of snapshots) {
    const key = `${snapshot.scope.name}\n${snapshot.descriptor.name}`;
    const before = merged.get(key);
    merged.set(key, before === undefined ? snapshot : { ...before, points: [...before.points, ...snapshot.points] });
  }
  return [...merged.values()];
}
