import type { StoredSeries } from '@sabot/core-observability/sdk';

/**
 * The series of each service's newest process: two runs in short order do not show everything twice.
 * The newest is the one that began last, not the one that wrote last: an old process may still be writing its end.
 */
export function newestInstances(series: readonly StoredSeries[]): readonly StoredSeries[] {
  const begins = new Map<string, number>();
  for (const { instance, latest } of series) {
    begins.set(instance, Math.min(latest.startTimeMs, begins.get(instance) ?? Number.POSITIVE_INFINITY));
  }
  const begin = (instance: string | undefined): number => begins.get(instance ?? '') ?? Number.NEGATIVE_INFINITY;
  const newest = new Map<string, string>();
  for (const { instance, service } of series) {
    if (begin(instance) > begin(newest.get(service))) newest.set(service, instance);
  }
  return series.filter(({ instance, service }) => newest.get(service) === instance);
}
