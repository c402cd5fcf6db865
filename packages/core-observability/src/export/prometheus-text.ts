import { prometheusFamily, prometheusLabel } from '../catalogue/prometheus-name.js';
import type { Exemplar, HistogramPoint, MetricPoint, MetricSnapshot } from '../metrics/snapshot.js';
import type { Attributes } from '../tracing/span-record.js';

/** The two formats that Prometheus understands; exemplars exist in OpenMetrics only. */
export type ExpositionFormat = 'openmetrics' | 'text';

const types = { counter: 'counter', gauge: 'gauge', upDownCounter: 'gauge', histogram: 'histogram' } as const;

/** One family of the exposition: all snapshots that share a name, whichever packages they come from. */
export interface ExpositionFamily {
  readonly name: string;
  readonly snapshots: readonly MetricSnapshot[];
}

/** Snapshots by family, in the order of their names; one that has another type than its family is left out. */
export function groupFamilies(snapshots: readonly MetricSnapshot[]): readonly ExpositionFamily[] {
  const families = new Map<string, MetricSnapshot[]>();
  for (const snapshot of snapshots) {
    const name = prometheusFamily(snapshot.descriptor.name, snapshot.descriptor.kind);
    const family = families.get(name);
    if (family === undefined) families.set(name, [snapshot]);
    else if (types[family[0]?.descriptor.kind ?? 'gauge'] === types[snapshot.descriptor.kind]) family.push(snapshot);
  }
  return [...families]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, grouped]) => ({ name, snapshots: grouped }));
}

/** The lines of one family as one text. */
export function writeFamily(family: ExpositionFamily, format: ExpositionFormat): string {
  return [...familyParts(family, format)].join('');
}

/** The lines of one family, series by series. Sources: OpenMetrics 1.0 and the Prometheus text format 0.0.4. */
export function* familyParts(family: ExpositionFamily, format: ExpositionFormat): Generator<string> {
  const { descriptor } = family.snapshots[0] as MetricSnapshot;
  const type = types[descriptor.kind];
  // In the text format the family of a counter carries its `_total`; in OpenMetrics only its sample does.
  const head = type === 'counter' && format === 'text' ? `${family.name}_total` : family.name;
  if (descriptor.brief !== '') yield `# HELP ${head} ${escapeHelp(descriptor.brief, format)}\n`;
  yield `# TYPE ${head} ${type}\n`;
  // Two packages may emit the same metric: then, and only then, the scope tells their series apart.
  const scoped = new Set(family.snapshots.map(({ scope }) => scope.name)).size > 1;
  for (const { scope, points } of family.snapshots) {
    for (const point of points) yield writePoint(family.name, type, point, scoped ? scope.name : undefined, format);
  }
}

function writePoint(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  point: MetricPoint,
  scope: string | undefined,
  format: ExpositionFormat,
): string {
  const labels = writeLabels(point.attributes, scope);
  if (point.type === 'histogram') return writeHistogram(name, point, labels, format);
  return `${name}${type === 'counter' ? '_total' : ''}${braces(labels)} ${writeNumber(point.value)}\n`;
}

function writeHistogram(name: string, point: HistogramPoint, labels: string, format: ExpositionFormat): string {
  let text = '';
  let cumulative = 0;
  const bounds = [...point.boundaries, Number.POSITIVE_INFINITY];
  bounds.forEach((bound, bucket) => {
    cumulative += point.bucketCounts[bucket] ?? 0;
    const le = `le="${writeBound(bound, format)}"`;
    const suffix = format === 'openmetrics' ? writeExemplar(exemplarIn(point, bucket)) : '';
    text += `${name}_bucket${braces(labels === '' ? le : `${labels},${le}`)} ${cumulative}${suffix}\n`;
  });
  text += `${name}_sum${braces(labels)} ${writeNumber(point.sum)}\n`;
  return `${text}${name}_count${braces(labels)} ${point.count}\n`;
}

function exemplarIn(point: HistogramPoint, bucket: number): Exemplar | undefined {
  const above = bucket === 0 ? Number.NEGATIVE_INFINITY : (point.boundaries[bucket - 1] as number);
  const upTo = point.boundaries[bucket] ?? Number.POSITIVE_INFINITY;
  return point.exemplars.find(({ value }) => value > above && value <= upTo);
}

function writeExemplar(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return '';
  const { traceId, spanId, value, timeMs } = exemplar;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${writeNumber(value)} ${(timeMs / 1000).toFixed(3)}`;
}

function writeLabels(attributes: Attributes, scope: string | undefined): string {
  const labels = Object.entries(attributes).map(([name, value]) => `${prometheusLabel(name)}="${escapeLabel(value)}"`);
  if (scope !== undefined) labels.push(`otel_scope_name="${escapeLabel(scope)}"`);
  return labels.join(',');
}

function braces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function writeBound(bound: number, format: ExpositionFormat): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  // OpenMetrics asks for the canonical float: "1.0", not "1".
  return format === 'openmetrics' && Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function writeNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function escapeLabel(value: string | number | boolean): string {
  return String(value).replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

function escapeHelp(text: string, format: ExpositionFormat): string {
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return format === 'openmetrics' ? escaped.replace(/"/g, '\\"') : escaped;
}
