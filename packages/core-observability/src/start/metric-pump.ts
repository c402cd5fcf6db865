import type { Outlet } from '../export/outlet.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import type { Histogram } from '../observability.js';
import { reanchorClock } from '../tracing/clock.js';

/** Collects the metrics at an interval and hands them to every outlet that is pushed to. */
export class MetricPump {
  private readonly reader: MetricReader;
  private readonly outlets: readonly Outlet[];
  private readonly duration: Histogram;
  private readonly timer: NodeJS.Timeout;

  constructor(reader: MetricReader, outlets: readonly Outlet[], intervalMs: number, duration: Histogram) {
    this.reader = reader;
    this.outlets = outlets;
    this.duration = duration;
    this.timer = setInterval(() => this.pump(), intervalMs);
    this.timer.unref();
  }

  pump(): void {
    reanchorClock();
    const begun = performance.now();
    const snapshots = this.reader.collect();
    this.duration.record((performance.now() - begun) / 1000);
    for (const outlet of this.outlets) outlet.acceptPoints(snapshots);
  }

  stop(): void {
    clearInterval(this.timer);
    this.pump();
    this.reader.close();
  }
}
