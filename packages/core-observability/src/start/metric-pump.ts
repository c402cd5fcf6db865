import type { Outlet } from '../export/outlet.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import type { Histogram } from '../observability.js';
import { reanchorClock } from '../tracing/clock.js';
import type { UserMetrics } from './user-metrics.js';

/** Collects the metrics at an interval and hands them to every outlet that is pushed to. */
export class MetricPump {
  private readonly reader: MetricReader;
  private readonly userMetrics: UserMetrics;
  private readonly outlets: readonly Outlet[];
  private readonly duration: Histogram;
  private readonly timer: NodeJS.Timeout;

  constructor(
    reader: MetricReader,
    userMetrics: UserMetrics,
    outlets: readonly Outlet[],
    intervalMs: number,
    duration: Histogram,
  ) {
    this.reader = reader;
    this.userMetrics = userMetrics;
    this.outlets = outlets;
    this.duration = duration;
    this.timer = setInterval(() => void this.pump(), intervalMs);
    this.timer.unref();
  }

  /** Sabot's own metrics at once; those of users' code, whose callbacks may wait, when they are there. Never rejects. */
  async pump(): Promise<void> {
    reanchorClock();
    const begun = performance.now();
    const snapshots = this.reader.collect();
    this.duration.record((performance.now() - begun) / 1000);
    for (const outlet of this.outlets) outlet.acceptPoints(snapshots);
    const users = await this.userMetrics.collect();
    for (const outlet of this.outlets) outlet.acceptPoints(users);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.pump();
    this.reader.close();
  }
}
