import { groupFamilies, writeFamily } from '../export/prometheus-text.js';
import type { Attributes } from '../tracing/span-record.js';
import type { StoredSeries } from './metric-query.js';

/**
 * Stored series in Prometheus' text format 0.0.4. Labels for service and instance appear only where there are several of
 * them, so that the text of one process is what its endpoint would have said.
 */
export function prometheusText(series: readonly StoredSeries[]): string {
  const services = new Set(series.map(({ service }) => service)).size > 1;
  const instances = new Set(series.map(({ instance }) => instance)).size > 1;
  const labels = ({ service, instance }: StoredSeries): Attributes => ({
    ...(services ? { service } : {}),
    ...(instances ? { instance } : {}),
  });
  // One snapshot per scope and metric, as the endpoint has them: only then do scopes tell series apart.
  const snapshots = new Map<string, { series: StoredSeries; points: StoredSeries['latest'][] }>();
  for (const each of series) {
    const key = `${each.scope}\n${each.descriptor.name}`;
    const group = snapshots.get(key) ?? { series: each, points: [] };
    group.points.push({ ...each.latest, attributes: { ...each.latest.attributes, ...labels(each) } });
    snapshots.set(key, group);
  }
  const grouped = [...snapshots.values()].map(({ series: { scope, descriptor }, points }) => ({
    scope: { name: scope, version: '' },
    descriptor,
    points,
  }));
  return groupFamilies(grouped)
    .map((family) => writeFamily(family, 'text'))
    .join('');
}
