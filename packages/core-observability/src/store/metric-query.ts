import { prometheusName } from '../catalogue/prometheus-name.js';
import { seriesKey } from '../metrics/series-key.js';
import type { MetricDescriptor, MetricPoint } from '../metrics/snapshot.js';
import { type JsonMetricsRequest, type ReceivedMetric, readMetricsRequest } from '../otlp/metrics-json.js';
import type { Attributes } from '../tracing/span-record.js';
import type { Segment } from './segment-files.js';
import { type ReadLosses, readSegment } from './segment-lines.js';

/** Which series to give. */
export interface MetricFilter {
  readonly service?: string;
  /** `stream`, `join`, `state`, `agent`, `cluster`: the package that emits; singular and plural both fit. */
  readonly component?: string;
  /** An OpenTelemetry or Prometheus name. */
  readonly metric?: string;
  /** True: also processes that ended before the newest run. Default false. */
  readonly allRuns?: boolean;
}

/** The latest known state of one series. */
export interface StoredSeries {
  readonly service: string;
  /** Which process: `service.instance.id`. */
  readonly instance: string;
  /** The package that emits it, for example `@sabot/stream`. */
  readonly scope: string;
  readonly descriptor: MetricDescriptor;
  readonly prometheusName: string;
  readonly attributes: Attributes;
  readonly latest: MetricPoint;
  /** Counters (and the counts of histograms): increase per second over the last minute, or since the series began. */
  readonly ratePerSecond: number | undefined;
}

interface SeriesState extends Omit<StoredSeries, 'ratePerSecond' | 'latest'> {
  readonly recent: MetricPoint[];
}

const RATE_WINDOW_MS = 60_000;
/** Processes whose last write is this close to the newest one belong to the same run. */
const SAME_RUN_MS = 60_000;

/** The latest point of each series, by service, metric and attributes. */
export async function queryMetrics(
  segments: readonly Segment[],
  filter: MetricFilter,
  losses: ReadLosses,
): Promise<readonly StoredSeries[]> {
  const newestMs = segments.reduce((newest, { lastWriteMs }) => Math.max(newest, lastWriteMs), 0);
  const relevant = segments.filter(
    ({ lastWriteMs }) => filter.allRuns === true || newestMs - lastWriteMs <= SAME_RUN_MS,
  );
  const states = new Map<string, SeriesState>();
  for (const segment of relevant) {
    for (const request of await readSegment<JsonMetricsRequest>(segment, losses)) {
      for (const metric of readMetricsRequest(request)) if (fits(metric, filter)) remember(metric, states);
    }
  }
  return [...states.values()].map(toSeries).sort(byName);
}

function fits(metric: ReceivedMetric, { service, component, metric: name }: MetricFilter): boolean {
  const { descriptor, scope, resource } = metric;
  if (service !== undefined && resource['service.name'] !== service) return false;
  if (component !== undefined && ![`@sabot/${component}`, `@sabot/${component}s`].includes(scope.name)) return false;
  return name === undefined || name === descriptor.name || name === prometheusName(descriptor.name, descriptor.kind);
}

function remember({ descriptor, scope, resource, points }: ReceivedMetric, states: Map<string, SeriesState>): void {
  const service = String(resource['service.name'] ?? '');
  const instance = String(resource['service.instance.id'] ?? '');
  for (const point of points) {
    const key = [service, instance, scope.name, descriptor.name, seriesKey(point.attributes)].join('\n');
    let state = states.get(key);
    if (state === undefined) {
      const { attributes } = point;
      const promName = prometheusName(descriptor.name, descriptor.kind);
      state = { service, instance, scope: scope.name, descriptor, prometheusName: promName, attributes, recent: [] };
      states.set(key, state);
    }
    state.recent.push(point);
    while ((state.recent[0] as MetricPoint).timeMs < point.timeMs - RATE_WINDOW_MS) state.recent.shift();
  }
}

function toSeries({ recent, ...series }: SeriesState): StoredSeries {
  const latest = recent.reduce((newest, point) => (point.timeMs >= newest.timeMs ? point : newest));
  return { ...series, latest, ratePerSecond: rateOf(series.descriptor, recent[0] as MetricPoint, latest) };
}

function rateOf({ kind }: MetricDescriptor, first: MetricPoint, latest: MetricPoint): number | undefined {
  if (kind === 'gauge' || kind === 'upDownCounter') return undefined;
  // A series that was reset, or seen only once, is measured from its own start, where it was 0.
  const same = first !== latest && first.startTimeMs === latest.startTimeMs;
  const fromMs = same ? first.timeMs : latest.startTimeMs;
  const from = same ? amountOf(first) : 0;
  const seconds = (latest.timeMs - fromMs) / 1000;
  return seconds > 0 ? (amountOf(latest) - from) / seconds : undefined;
}

function amountOf(point: MetricPoint): number {
  return point.type === 'number' ? point.value : point.count;
}

function byName(left: StoredSeries, right: StoredSeries): number {
  const leftKey = `${left.prometheusName}\n${left.service}\n${seriesKey(left.attributes)}`;
  const rightKey = `${right.prometheusName}\n${right.service}\n${seriesKey(right.attributes)}`;
  return leftKey < rightKey ? -1 : leftKey > rightKey ? 1 : 0;
}
