import {
  constants,
  type IntervalHistogram,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import type { Instruments, Registration } from '../observability.js';
import type { telemetry } from '../telemetry.js';

/** Readings closer together than this share one value, so that several exporters do not shorten each other's interval. */
const MIN_INTERVAL_MS = 1000;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

const gcTypes = new Map<number, 'minor' | 'major' | 'incremental' | 'weak'>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak'],
]);

/** Publishes CPU, memory, event loop, garbage collection and connections of this process, by Node's own means. */
export function observeProcess({ metrics }: Instruments<typeof telemetry>): Registration {
  const loop = new LoopReadings();
  const registrations: Registration[] = [
    metrics.memoryUsage.observe({}, () => process.memoryUsage.rss() / 2 ** 20),
    metrics.cpuUsage.observe({}, () => loop.read().cpuPercent),
    metrics.cpuTime.observe({}, cpuSeconds),
    metrics.heapUsed.observe({}, () => loop.read().heapUsed),
    metrics.arrayBuffers.observe({}, () => loop.read().arrayBuffers),
    metrics.eventLoopDelay.observe({}, () => loop.read().delayP99),
    metrics.eventLoopUtilization.observe({}, () => loop.read().utilization),
    metrics.connections.observe({}, countConnections),
    loop,
    observeCollections(metrics.gcDuration),
  ];
  return {
    remove: () => {
      for (const registration of registrations.splice(0)) registration.remove();
    },
  };
}

function observeCollections(gcDuration: Instruments<typeof telemetry>['metrics']['gcDuration']): Registration {
  const series = new Map([...gcTypes].map(([kind, type]) => [kind, gcDuration.series({ 'gc.type': type })]));
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) series.get(gcKind(entry))?.record(entry.duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    remove: () => {
      observer.disconnect();
      for (const each of series.values()) each.remove();
    },
  };
}

function gcKind(entry: PerformanceEntry): number {
  // Node's types leave out what its documentation promises for entries of type "gc".
  return (entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } }).detail?.kind ?? -1;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS;
}

function countConnections(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

interface Readings {
  readonly cpuPercent: number;
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly delayP99: number;
  readonly utilization: number;
}

/** Readings over an interval, taken together and at most once a second. */
class LoopReadings implements Registration {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 });
  private takenMs = performance.now();
  private cpu = cpuSeconds();
  private loop = performance.eventLoopUtilization();
  private last: Readings | undefined;

  constructor() {
    this.delay.enable();
  }

  read(): Readings {
    const elapsedMs = performance.now() - this.takenMs;
    if (this.last !== undefined && elapsedMs < MIN_INTERVAL_MS) return this.last;
    const cpu = cpuSeconds();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const delayNs = this.delay.count === 0 ? 0 : this.delay.percentile(99);
    this.last = {
      cpuPercent: (100 * (cpu - this.cpu)) / Math.max(elapsedMs / 1000, 1e-3),
      heapUsed,
      arrayBuffers,
      delayP99: delayNs / NANOSECONDS,
      utilization: performance.eventLoopUtilization(this.loop).utilization,
    };
    this.takenMs = performance.now();
    this.cpu = cpu;
    this.loop = performance.eventLoopUtilization();
    this.delay.reset();
    return this.last;
  }

  remove(): void {
    this.delay.disable();
  }
}
